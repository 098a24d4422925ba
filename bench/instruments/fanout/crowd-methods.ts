// What a crowd of viewers in a generator process is asked and what it answers: the same for WebSockets and data
// channels, so that a scenario does not care. The process's side is crowd-host.ts.

/** How viewers get their events. */
export const TRANSPORTS = ['websocket', 'datachannel'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** The protocol spoken: this project's, which the plain `ws` rivals speak too, or a rival's own. */
export const DIALECTS = ['barrage', 'socket.io', 'mqtt'] as const;
export type DialectName = (typeof DIALECTS)[number];

/** Where viewers and senders connect. */
export interface CrowdTarget {
  readonly dialect: DialectName;
  /** WebSocket URL of the room. */
  readonly url: string;
}

/** What all viewers together received since `begin`. Loss is counted apart from what the server says it left out. */
export interface Reception {
  /** Viewers counted, and those that lost their connection meanwhile, by reason (close code). */
  readonly viewers: number;
  readonly disconnected: Readonly<Record<string, number>>;
  /** Frames with events, numbered events in them, and their payload bytes. */
  readonly frames: number;
  readonly events: number;
  readonly bytes: number;
  /** Offsets that never came and that no gap event speaks of, summed over viewers still connected. */
  readonly missing: number;
  /** Events that gap events say were left out. */
  readonly thinned: number;
  /** Offsets that came twice. */
  readonly doubled: number;
  /** Intended send time to reception at every observer, ms: HDR histograms by lane, as LatencyHistogram encodes. */
  readonly latency: Readonly<Record<string, string>>;
}

/** The methods of a crowd's process. */
export type CrowdMethods = {
  /** Adds viewers until there are `count`; the offset up to which the room's events lie behind them. */
  readonly join: (params: {
    readonly target: CrowdTarget;
    readonly count: number;
  }) => Promise<{ readonly joined: number; readonly offset: number }>;
  /** Counts anew: every viewer is taken to have seen everything up to `offset`. */
  readonly begin: (params: { readonly offset: number }) => void;
  /** Waits until every viewer has come to `offset`, at most `timeoutMs`; then what was received. */
  readonly finish: (params: { readonly offset: number; readonly timeoutMs: number }) => Promise<Reception>;
  /** Everybody leaves. */
  readonly leave: (params: Record<string, never>) => Promise<void>;
};
