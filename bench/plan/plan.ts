// From what one core carries to what an audience needs: cores, memory, links, machines, monthly traffic. Pure;
// every line keeps its arithmetic. Takes for granted that twice the cores carry twice the load.
import { CAPACITIES, type Capacities, type CapacityName } from './capacities.ts';
import type { Assumptions } from './plan-options.ts';
import { quantity } from './quantity.ts';

/** One step: what it gives, how, and from where its figure is. */
export interface PlanLine {
  readonly title: string;
  /** With numbers, for example `60,000 viewers × 1,500 kbit/s`. */
  readonly arithmetic: string;
  /** Undefined when a figure it needs was not measured. */
  readonly value: number | undefined;
  readonly unit: string;
}

/** The plan for one audience. */
export interface AudiencePlan {
  readonly viewers: number;
  readonly lines: readonly PlanLine[];
  /** Titles of what is missing from the sums: the machines are then a lower bound. */
  readonly missing: readonly string[];
  readonly cores: number;
  readonly machines: number;
  /** Which of them asks for the most machines. */
  readonly boundBy: 'cores' | 'memory' | 'link';
  readonly gbps: number;
  readonly terabytesPerMonth: number;
}

/** Plans for one of the audiences. */
export function planFor(viewers: number, given: Assumptions, capacities: Capacities): AudiencePlan {
  const sheet = new PlanSheet(capacities);
  const webrtc = sheet.add('viewers on WebRTC', 'viewers', {
    value: Math.round(viewers * given.webrtcShare),
    arithmetic: `${quantity(viewers)} × ${quantity(given.webrtcShare * 100)}%`,
  });
  const hls = sheet.add('viewers on HLS', 'viewers', {
    value: viewers - webrtc,
    arithmetic: `${quantity(viewers)} − ${quantity(webrtc)}`,
  });
  const audience: Audience = { viewers, webrtc, hls, given };
  if (webrtc > 0) planSfu(sheet, audience);
  planInteraction(sheet, audience);
  if (hls > 0) planHls(sheet, audience);
  planInput(sheet, audience);
  const gbps = planTraffic(sheet, audience);
  return conclude(sheet, audience, gbps);
}

interface Audience {
  readonly viewers: number;
  readonly webrtc: number;
  readonly hls: number;
  readonly given: Assumptions;
}

/** Collects lines, and what they add up to. */
class PlanSheet {
  readonly lines: PlanLine[] = [];
  readonly missing: string[] = [];
  readonly #capacities: Capacities;
  cores = 0;
  memoryBytes = 0;

  constructor(capacities: Capacities) {
    this.#capacities = capacities;
  }

  add(title: string, unit: string, result: { readonly value: number; readonly arithmetic: string }): number {
    this.lines.push({ title, unit, ...result });
    return result.value;
  }

  /** Cores for so much load; of several ways to count one load the one that asks for most. Adds to the sum. */
  addCores(title: string, loads: readonly (readonly [load: number, per: CapacityName])[]): void {
    const cores = loads.map(([load, per]) => {
      const capacity = this.#capacities[per];
      const known = capacity.state === 'not measured' ? undefined : capacity.value;
      const value = known === undefined ? undefined : load / known;
      const by = `${quantity(load)} ÷ ${known === undefined ? '?' : quantity(known)} ${CAPACITIES[per].title}`;
      this.lines.push({ title: `cores for ${title}`, arithmetic: by, value, unit: 'cores' });
      if (value === undefined && load > 0) this.missing.push(CAPACITIES[per].title);
      return value ?? 0;
    });
    const most = Math.max(...cores);
    if (loads.length > 1)
      this.add(`cores for ${title}, the most of these`, 'cores', {
        value: most,
        arithmetic: `max(${cores.map(quantity).join(', ')})`,
      });
    this.cores += most;
  }

  addMemory(title: string, viewers: number, per: CapacityName): void {
    const capacity = this.#capacities[per];
    const known = capacity.state === 'not measured' ? undefined : capacity.value;
    const value = known === undefined ? undefined : (viewers * known) / 2 ** 30;
    const arithmetic = `${quantity(viewers)} × ${known === undefined ? '?' : quantity(known)} bytes`;
    this.lines.push({ title: `memory of ${title}`, arithmetic, value, unit: 'GiB' });
    if (known === undefined) this.missing.push(CAPACITIES[per].title);
    else this.memoryBytes += viewers * known;
  }
}

function planSfu(sheet: PlanSheet, { webrtc, given }: Audience): void {
  const { 'bitrate-kbps': kbps, 'packet-bytes': bytes, 'audio-packets': audio } = given;
  const perViewer = sheet.add('RTP packets of a viewer', '1/s', {
    value: (kbps * 1000) / 8 / bytes + audio,
    arithmetic: `${quantity(kbps)} kbit/s ÷ 8 ÷ ${quantity(bytes)} bytes + ${quantity(audio)} of sound`,
  });
  const packets = sheet.add('RTP packets', '1/s', {
    value: webrtc * perViewer,
    arithmetic: `${quantity(webrtc)} viewers × ${quantity(perViewer)}`,
  });
  sheet.addCores('WebRTC', [
    [packets, 'sfuPackets'],
    [webrtc * kbps * 1000, 'sfuBits'],
  ]);
  sheet.addMemory('WebRTC viewers', webrtc, 'webrtcMemory');
}

/** WebRTC viewers get events on data channels, HLS viewers on WebSockets. */
function planInteraction(sheet: PlanSheet, { webrtc, hls, given }: Audience): void {
  const { 'danmaku-rate': rate, 'shown-rate': most, 'tick-ms': tickMs } = given;
  const shown = sheet.add('danmaku a viewer is sent', '1/s', {
    value: Math.min(rate, most),
    arithmetic: `min(${quantity(rate)} sent, ${quantity(most)} at most)`,
  });
  const frames = sheet.add('frames a viewer is sent', '1/s', {
    value: Math.min(shown, 1000 / tickMs),
    arithmetic: `min(${quantity(shown)}, 1,000 ms ÷ ${quantity(tickMs)} ms)`,
  });
  if (webrtc > 0) {
    sheet.addCores('danmaku on data channels', [
      [webrtc * frames, 'dcFrames'],
      [webrtc * shown, 'dcEvents'],
    ]);
  }
  if (hls > 0) {
    sheet.addCores('danmaku on WebSockets', [
      [hls * frames, 'wsFrames'],
      [hls * shown, 'wsEvents'],
    ]);
    sheet.addMemory('WebSocket viewers', hls, 'wsMemory');
  }
}

/** Picture and sound are segments of their own; each has its playlist. */
function planHls(sheet: PlanSheet, { hls, given }: Audience): void {
  const { 'segment-seconds': seconds, 'cache-percent': cached, 'bitrate-kbps': kbps } = given;
  const missed = 1 - cached / 100;
  const requests = (what: string) =>
    sheet.add(`HLS ${what}`, '1/s', {
      value: ((hls * 2) / seconds) * missed,
      arithmetic: `${quantity(hls)} viewers × 2 (picture, sound) ÷ ${quantity(seconds)} s × ${quantity(100 - cached)}% not cached`,
    });
  sheet.addCores('HLS playlists', [[requests('playlists'), 'hlsPlaylists']]);
  sheet.addCores('HLS segments', [
    [requests('segments'), 'hlsSegments'],
    [hls * missed * kbps * 1000, 'hlsBits'],
  ]);
}

function planInput(sheet: PlanSheet, { given }: Audience): void {
  sheet.addCores('danmaku coming in', [[given['danmaku-rate'], 'danmakuIn']]);
  sheet.addCores('ladders', [[given.streams, 'streams']]);
}

function planTraffic(sheet: PlanSheet, { viewers, webrtc, hls, given }: Audience): number {
  const { 'bitrate-kbps': kbps, 'cache-percent': cached, 'event-bytes': bytes } = given;
  const shown = Math.min(given['danmaku-rate'], given['shown-rate']);
  const media = sheet.add('picture and sound out', 'Gbit/s', {
    value: ((webrtc + hls * (1 - cached / 100)) * kbps) / 1e6,
    arithmetic: `(${quantity(webrtc)} + ${quantity(hls)} × ${quantity(100 - cached)}% not cached) × ${quantity(kbps)} kbit/s`,
  });
  const events = sheet.add('danmaku out', 'Gbit/s', {
    value: (viewers * shown * bytes * 8) / 1e9,
    arithmetic: `${quantity(viewers)} × ${quantity(shown)} × ${quantity(bytes)} bytes × 8`,
  });
  return sheet.add('out in all', 'Gbit/s', {
    value: media + events,
    arithmetic: `${quantity(media)} + ${quantity(events)}`,
  });
}

function conclude(sheet: PlanSheet, { viewers, given }: Audience, gbps: number): AudiencePlan {
  const free = 1 - given.headroom / 100;
  const used = `${quantity(free * 100)}% used`;
  const ask = (what: string, need: number, has: number, unit: string) =>
    sheet.add(`machines for ${what}`, 'machines', {
      value: need / (has * free),
      arithmetic: `${quantity(need)} ${unit} ÷ (${quantity(has)} × ${used})`,
    });
  const needs = {
    cores: ask('cores', sheet.cores, given['cores-per-machine'], 'cores'),
    memory: ask('memory', sheet.memoryBytes / 2 ** 30, given['memory-gib'], 'GiB'),
    link: ask('link', gbps, given['link-gbps'], 'Gbit/s'),
  };
  const [boundBy, most] = Object.entries(needs).sort(([, a], [, b]) => b - a)[0] as [
    keyof typeof needs,
    number,
  ];
  const machines = sheet.add('machines', 'machines', {
    value: Math.max(1, Math.ceil(most)),
    arithmetic: `the most of these, rounded up: ${boundBy}`,
  });
  const hours = given['hours-per-month'];
  const terabytesPerMonth = sheet.add('traffic a month', 'TB', {
    value: (gbps * hours * 3600) / 8 / 1000,
    arithmetic: `${quantity(gbps)} Gbit/s × ${quantity(hours)} h × 3,600 s ÷ 8 ÷ 1,000`,
  });
  const { lines, missing, cores } = sheet;
  return {
    viewers,
    lines,
    missing: [...new Set(missing)],
    cores,
    machines,
    boundBy,
    gbps,
    terabytesPerMonth,
  };
}
