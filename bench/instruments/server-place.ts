// Where a server under test lives: its ports and its data folder, so that another process can take its place.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { findFreePorts } from './free-ports.ts';

/** Ports and a data folder. Whoever made it disposes of it, when no server uses it any more. */
export class ServerPlace {
  readonly dataDir: string;
  /** HTTP; RTMP is the next one, WebRTC and its workers those after it. */
  readonly httpPort: number;

  private constructor(dataDir: string, httpPort: number) {
    this.dataDir = dataDir;
    this.httpPort = httpPort;
  }

  static async make(): Promise<ServerPlace> {
    const httpPort = await findFreePorts(2 + cpus().length);
    return new ServerPlace(await mkdtemp(path.join(tmpdir(), 'barrage-under-test-')), httpPort);
  }

  get rtmpPort(): number {
    return this.httpPort + 1;
  }

  get webrtcPort(): number {
    return this.httpPort + 2;
  }

  /** Removes the data folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
