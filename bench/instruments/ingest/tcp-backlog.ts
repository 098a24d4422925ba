// Bytes between two programs of this machine that the receiver has not read, from the kernel's own tables.
// A server that falls behind shows here first: its sockets' buffers hold seconds of a stream. Linux only.
import { readFileSync } from 'node:fs';

/**
 * Unread bytes of each connection to a local TCP port: waiting to be sent, and received but not read. What is
 * not acknowledged yet counts twice; on one machine that is a matter of milliseconds.
 */
export function tcpBacklogs(port: number): number[] {
  return parseTcpBacklogs(readFileSync('/proc/net/tcp', 'utf8'), port);
}

/** The same from the text of /proc/net/tcp (proc(5): addresses and queues in hexadecimal). */
export function parseTcpBacklogs(table: string, port: number): number[] {
  const bytes = new Map<string, number>();
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', state, queues = ''] = line.trim().split(/\s+/);
    if (state === LISTENING) continue;
    const [sending = '', unread = ''] = queues.split(':');
    // Both ends stand in the table: a connection is known by its client's address.
    if (remote.endsWith(wanted)) bytes.set(local, (bytes.get(local) ?? 0) + Number.parseInt(sending, 16));
    else if (local.endsWith(wanted))
      bytes.set(remote, (bytes.get(remote) ?? 0) + Number.parseInt(unread, 16));
  }
  return [...bytes.values()];
}

const LISTENING = '0A';
