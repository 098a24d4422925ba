// HLS over HTTP: players as they behave, plain requests for playlists and for segments up to the knee, and clients
// that hardly read. A stream is published unencoded and passed through, so that serving is what costs.
import { CpuAccount, cpuSecondsUnder } from '../instruments/cpu-account.ts';
import { BarrageHls, type HlsSubject } from '../instruments/hls/hls-subject.ts';
import { PlayerCrowd } from '../instruments/hls/player-crowd.ts';
import { describePlayers, type PlayerStep } from '../instruments/hls/player-figures.ts';
import { describeRequests } from '../instruments/hls/request-figures.ts';
import { measureRequests } from '../instruments/hls/request-ramp.ts';
import { measureSlowReaders } from '../instruments/hls/slow-readers.ts';
import { measureCeiling } from '../instruments/http/generator-ceiling.ts';
import { HttpLoad } from '../instruments/http/http-load.ts';
import { readProcess } from '../instruments/process-tree.ts';
import { readChoices, readCount, readNumber, readSize } from '../option-values.ts';
import { NginxStatic, nginxVersion } from '../rivals/nginx-static.ts';
import { BARRAGE, type OptionValues, pause, type Scenario, type ScenarioContext } from '../scenario.ts';

const PARTS = ['players', 'playlist', 'segment', 'slow-readers'] as const;
const SIZE = '1280x720';
const TIMEOUT_MS = 10_000;
/** Players of one step join over so long: a segment's length, so that their reloads are spread. */
const JOIN_MS = 2_000;

export const hls: Scenario = {
  name: 'hls',
  summary: 'HLS over HTTP: players, requests for playlists and segments to the knee, slow readers',
  options: {
    parts: { type: 'string' },
    players: { type: 'string' },
    connections: { type: 'string' },
    seconds: { type: 'string' },
    'limit-ms': { type: 'string' },
    readers: { type: 'string' },
    size: { type: 'string' },
    kbps: { type: 'string' },
    target: { type: 'string' },
    room: { type: 'string' },
  },
  help: {
    parts: `${PARTS.join(',')}; default all; rivals: playlist,segment`,
    players: 'size of the largest crowd; default 200, with --quick 50',
    connections: 'keep-alive connections of plain requests; default 64',
    seconds: 'how long each step is held; default 3, with --quick 1; crowds: twice as long',
    'limit-ms': 'slowest p99 of a paced request that counts as carried; default 100',
    readers: 'slow readers; default 200, with --quick 50',
    size: `coded size of the stream; default ${SIZE}`,
    kbps: 'bit rate of its picture; default 2500',
    target: 'base URL of a running server with a stream in the room; default: one is started',
    room: 'room to play (with --target); default demo',
  },
  figures: [
    'playlist/perCore',
    'segment/perCore',
    'segment/mbpsPerCore',
    'players/segmentTime:p99',
    'players/edge:p99',
  ],
  rivals: ['nginx'],
  checkOptions: (options) => void readOptions(options, false),
  run,
};

function readOptions(options: OptionValues, quick: boolean) {
  return {
    parts: readChoices(options['parts'], 'parts', PARTS),
    players: readCount(options['players'], 'players', { fallback: quick ? 50 : 200, max: 10_000 }),
    connections: readCount(options['connections'], 'connections', { fallback: 64, max: 4096 }),
    seconds: readCount(options['seconds'], 'seconds', { fallback: quick ? 1 : 3, max: 20 }),
    limitMs: readNumber(options['limit-ms'], 'limit-ms', 100),
    readers: readCount(options['readers'], 'readers', { fallback: quick ? 50 : 200, max: 10_000 }),
    size: readSize(options['size'], SIZE),
    kbps: readCount(options['kbps'], 'kbps', { fallback: 2500, max: 50_000 }),
  };
}

type Options = ReturnType<typeof readOptions>;

async function run(context: ScenarioContext): Promise<void> {
  const options = readOptions(context.options, context.quick);
  await using subject = await start(context, options);
  for (const part of options.parts) {
    if (context.signal.aborted) return;
    if (part === 'playlist' || part === 'segment') await measurePlainRequests(context, subject, part);
    else if (context.subject !== BARRAGE) continue;
    else if (part === 'players') await measurePlayers(context, subject);
    else await measureSlow(context, subject);
  }
}

async function start(context: ScenarioContext, { size, kbps }: Options): Promise<HlsSubject> {
  const { target, room } = context.options;
  const clip = { kind: 'passthrough', ...size, videoKbps: kbps, sound: true } as const;
  context.progress('starting the server, publishing');
  const open = () =>
    typeof target === 'string'
      ? BarrageHls.at(target, String(room ?? 'demo'))
      : BarrageHls.start(clip, context.quick ? 3 : 8, context);
  if (context.subject === BARRAGE) return open();
  context.noteVersion('nginx', (await nginxVersion()) ?? 'unknown');
  await using origin = await open();
  context.progress("copying Barrage's files for nginx");
  return await NginxStatic.serveCopyOf(origin.url);
}

async function measurePlainRequests(
  context: ScenarioContext,
  subject: HlsSubject,
  kind: 'playlist' | 'segment',
): Promise<void> {
  const { connections, seconds, limitMs } = readOptions(context.options, context.quick);
  await using load = await HttpLoad.start({ origin: subject.origin, connections, timeoutMs: TIMEOUT_MS });
  const { signal, progress } = context;
  const result = await measureRequests({
    subject,
    load,
    kind,
    seconds,
    limitMs,
    isShort: context.quick,
    signal,
    progress,
  });
  const bodyBytes = Math.round(result.peak.bytes / Math.max(1, result.peak.answered));
  progress(`${kind}: the generator's own ceiling`);
  const ceiling = await measureCeiling({ bodyBytes, connections, seconds: Math.min(2, seconds / 2) });
  const most = Math.round(ceiling.answered / ceiling.seconds);
  const notes = [
    `${connections} keep-alive connections. The generator's ceiling with such bodies, against a server that does nothing: ${most} requests/s.`,
    ...(context.subject === BARRAGE
      ? []
      : ['nginx serves a copy of the files: sendfile, open_file_cache, one worker.']),
  ];
  context.report(describeRequests(kind, result, notes));
}

async function measurePlayers(context: ScenarioContext, subject: HlsSubject): Promise<void> {
  const { players, seconds } = readOptions(context.options, context.quick);
  const { signal, progress } = context;
  const { pid } = subject;
  progress('players: the server without any');
  const idle = accountOf(subject);
  await pause(Math.min(3, seconds) * 1000, signal);
  const idleUse = idle.read();
  const idleCores = pid === undefined ? undefined : cpuSecondsUnder('server', idleUse) / idleUse.wallSeconds;
  await using crowd = await PlayerCrowd.start(subject.url);
  const steps: PlayerStep[] = [];
  for (const size of crowdSizes(players, context.quick)) {
    if (signal.aborted) break;
    progress(`players: up to ${size}`);
    await crowd.bringTo(size, JOIN_MS);
    // What a player begins with is a burst of its own.
    await pause(JOIN_MS, signal);
    await crowd.take();
    const cpu = accountOf(subject, crowd.pid);
    progress(`players: ${size} for ${seconds * 2} s`);
    await pause(seconds * 2000, signal);
    const stretch = await crowd.take();
    const rssBytes = pid === undefined ? undefined : readProcess(pid)?.rssBytes;
    steps.push({ ...stretch, players: size, cpu: cpu.read(), rssBytes });
  }
  context.report(describePlayers(steps, idleCores));
}

function crowdSizes(players: number, quick: boolean): number[] {
  return quick ? [players] : [...new Set([players / 4, players / 2, players].map(Math.ceil))];
}

async function measureSlow(context: ScenarioContext, subject: HlsSubject): Promise<void> {
  const { readers } = readOptions(context.options, context.quick);
  const { pid } = subject;
  // Elsewhere memory cannot be seen.
  if (pid === undefined) return;
  const { signal, progress } = context;
  const seconds = context.quick ? 3 : 75;
  context.report(await measureSlowReaders({ subject, pid, readers, seconds, signal, progress }));
}

function accountOf({ pid, publisherPid }: HlsSubject, generatorPid?: number): CpuAccount {
  return new CpuAccount({
    ...(pid === undefined ? {} : { server: () => pid }),
    ...(publisherPid === undefined ? {} : { publisher: () => publisherPid }),
    ...(generatorPid === undefined ? {} : { generator: () => generatorPid }),
  });
}
