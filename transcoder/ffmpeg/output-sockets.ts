// The Unix sockets ffmpeg writes its outputs to, in a private folder that lasts only until it has
// connected to all of them: whatever happens later leaves no file behind.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BarrageError } from '../../core/errors.ts';

/** Options of {@link openOutputSockets}. */
export interface OutputSocketsOptions {
  readonly ids: readonly string[];
  readonly onData: (id: string, chunk: Buffer) => void;
  /** Where the private folder is made (default: the system's folder for temporary files). */
  readonly parent?: string;
}

/** Listening sockets, one an id. */
export interface OutputSockets {
  /** ffmpeg's name of the socket, for example `unix:/tmp/barrage-ffmpeg-123-ab12cd/0`. */
  readonly targetOf: (id: string) => string;
  close(): Promise<void>;
}

const PREFIX = 'barrage-ffmpeg-';
/** sun_path of unix(7), without its terminator. */
const MAX_PATH_BYTES = 107;

/**
 * Makes the folder and listens.
 * @throws BarrageError `UNAVAILABLE` when the folder cannot be made or its path is too long for a socket.
 */
export async function openOutputSockets(options: OutputSocketsOptions): Promise<OutputSockets> {
  const folder = await makeFolder(options.parent ?? tmpdir());
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const accept = (server: Server, id: string) => (socket: Socket) => {
    // One connection an output; closing a server also removes its file.
    server.close();
    sockets.add(socket);
    socket.on('data', (chunk: Buffer) => options.onData(id, chunk));
    // A broken connection is seen by the process's end, which tells more.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (!servers.some((each) => each.listening)) void removeFolder();
  };
  const pathOf = (id: string): string => join(folder, String(options.ids.indexOf(id)));
  const close = async (): Promise<void> => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
    await removeFolder();
  };
  try {
    for (const id of options.ids) {
      const server = createServer();
      servers.push(server.on('connection', accept(server, id)));
      await listen(server, pathOf(id));
    }
  } catch (error) {
    await close();
    throw new BarrageError('UNAVAILABLE', `no socket for ffmpeg in ${folder}`, { cause: error });
  }
  return { targetOf: (id) => `unix:${pathOf(id)}`, close };
}

async function makeFolder(parent: string): Promise<string> {
  const prefix = join(parent, `${PREFIX}${process.pid}-`);
  if (Buffer.byteLength(prefix) + 9 > MAX_PATH_BYTES) {
    throw new BarrageError('UNAVAILABLE', `folder ${parent} is too deep for Unix sockets, set TMPDIR`);
  }
  try {
    // Mode 0700: nobody else connects.
    return await mkdtemp(prefix);
  } catch (error) {
    throw new BarrageError('UNAVAILABLE', `no folder can be made in ${parent}`, { cause: error });
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(path, () => {
      server.off('error', reject).on('error', () => server.close());
      resolve();
    });
  });
}

/** Removes folders of processes that ended before they could clean up. Call once at start. */
export async function sweepSocketFolders(parent: string = tmpdir()): Promise<number> {
  let removed = 0;
  for (const name of await readdir(parent)) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    await rm(join(parent, name), { recursive: true, force: true });
    removed++;
  }
  return removed;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
