// A server that takes danmaku and hands each to every viewer: ours or a rival, as the danmaku scenario drives it.
import type { CrowdTarget } from './crowd-methods.ts';

/** A running server. Whoever started it disposes of it. */
export interface FanoutServer extends AsyncDisposable {
  readonly target: CrowdTarget;
  /** Its process, with those it started below it; undefined for a server elsewhere. */
  readonly pid: number | undefined;
  /** Base URL, where it has figures of its own to tell. */
  readonly origin?: string;
  /** Whether events go out one by one or gathered: the ramp starts lower for those that do not gather. */
  readonly batches: boolean;
  /** Whether an accepted danmaku is confirmed with its number. */
  readonly confirms: boolean;
  readonly version?: { readonly program: string; readonly version: string };
  /** How it is configured and why that is fair, for the report. */
  readonly configuration: string;
}

/** Limits a measurement needs raised; rivals have none of them. */
export interface FanoutNeeds {
  /** Danmaku a room delivers per tick before it thins; the server's default when left out. */
  readonly maxChatPerTick?: number;
}

/** Starts a server for one measurement. */
export type StartFanoutServer = (needs: FanoutNeeds) => Promise<FanoutServer>;
