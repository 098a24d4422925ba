// How many connections there are, in all and from each address.
import { BarrageError } from '../../core/errors.ts';

/** Bounds of {@link ConnectionCounts}. */
export interface ConnectionBounds {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
}

/** Counts connections against their bounds. */
export class ConnectionCounts {
  readonly #bounds: ConnectionBounds;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(bounds: ConnectionBounds) {
    this.#bounds = bounds;
  }

  get total(): number {
    return this.#total;
  }

  /**
   * Counts a connection; call what is returned once when it ends.
   * @throws BarrageError `OVERLOADED` when all are taken, `RATE_LIMITED` when the address has its share.
   */
  enter(address: string): () => void {
    const { maxConnections, maxConnectionsPerAddress } = this.#bounds;
    const fromAddress = this.#byAddress.get(address) ?? 0;
    if (this.#total >= maxConnections) {
      throw new BarrageError('OVERLOADED', `all ${maxConnections} connections are taken`);
    }
    if (fromAddress >= maxConnectionsPerAddress) {
      throw new BarrageError(
        'RATE_LIMITED',
        `${maxConnectionsPerAddress} connections from one address are the limit`,
      );
    }
    this.#total++;
    this.#byAddress.set(address, fromAddress + 1);
    return () => this.#leave(address);
  }

  #leave(address: string): void {
    this.#total--;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
