// What a process and its descendants hold, read from /proc: CPU time, memory, descriptors, sockets. Linux only.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Clock ticks a second of /proc/PID/stat; fixed at 100 by Linux's user-space interface. */
const TICKS_PER_SECOND = 100;

/** One process: who it is and the CPU seconds it (not its children) has used. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  readonly name: string;
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** What a tree of processes holds. Sockets are counted by kind; a zombie holds nothing but its place. */
export interface TreeResources {
  readonly processes: readonly ProcessInfo[];
  readonly rssBytes: number;
  readonly descriptors: number;
  readonly udpSockets: number;
  readonly tcpListening: number;
  readonly tcpConnected: number;
}

/** Every process of the machine that can be read. */
export function listProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => readProcess(Number(entry)) ?? []);
}

/** A process by its id; undefined when it is gone or a zombie. */
export function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold any character, parentheses too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const field = (index: number) => Number(fields[index] ?? 0);
    if (fields[0] === 'Z') return undefined;
    return {
      pid,
      parentPid: field(1),
      groupId: field(2),
      name: programName(pid),
      cpuSeconds: (field(11) + field(12)) / TICKS_PER_SECOND,
      rssBytes: field(21) * 4096,
    };
  } catch {
    return undefined;
  }
}

/** The program as it was started: threads' names, which Node changes, say less. */
function programName(pid: number): string {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? '';
  return path.basename(command.split(' ')[0] ?? '');
}

/** A process and all its descendants, parents first; empty when it is gone. */
export function processTree(rootPid: number): ProcessInfo[] {
  const all = listProcesses();
  const tree = all.filter(({ pid }) => pid === rootPid);
  for (let index = 0; index < tree.length; index++) {
    tree.push(...all.filter(({ parentPid }) => parentPid === tree[index]?.pid));
  }
  return tree;
}

/** Sums what a tree holds at this moment. */
export function treeResources(rootPid: number): TreeResources {
  const processes = processTree(rootPid);
  const links = processes.flatMap(({ pid }) => descriptorLinks(pid));
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const sockets = (files: readonly string[], wanted: (state: string) => boolean) =>
    files.flatMap(socketTable).filter(({ inode, state }) => inodes.has(inode) && wanted(state)).length;
  const tcp = ['tcp', 'tcp6'];
  return {
    processes,
    rssBytes: processes.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    descriptors: links.length,
    udpSockets: sockets(['udp', 'udp6'], () => true),
    tcpListening: sockets(tcp, (state) => state === '0A'),
    tcpConnected: sockets(tcp, (state) => state !== '0A'),
  };
}

function descriptorLinks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
      } catch {
        return []; // Closed between listing and reading.
      }
    });
  } catch {
    return [];
  }
}

function socketTable(name: string): { inode: string; state: string }[] {
  return readFileSync(`/proc/net/${name}`, 'utf8')
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      return fields.length > 9 ? [{ inode: fields[9] ?? '', state: fields[3] ?? '' }] : [];
    });
}
