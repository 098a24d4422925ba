// Danmaku: text that flies over the picture at the moment its sender was seeing.
import type { z } from 'zod';
import type { paramsSchemas } from '../protocol/schemas.ts';
import type { Methods } from '../protocol/wire.ts';
import { cleanChatText } from './chat-text.ts';
import type { Rate } from './rate-limit.ts';
import { RateLimiter } from './rate-limit.ts';
import { type Broadcaster, requireChatter, type Speaker } from './room-ports.ts';

/** Settings of danmaku; `mediaWindowMs` is how far behind the live edge one may be placed. */
export interface DanmakuSettings {
  readonly maxGraphemes: number;
  readonly user: Rate;
  readonly address: Rate;
  readonly mediaWindowMs: number;
  readonly maxRateKeys: number;
}

/** The two rates danmaku are held to, shared by all rooms. */
export interface DanmakuLimits {
  readonly users: RateLimiter;
  readonly addresses: RateLimiter;
}

export function createDanmakuLimits(settings: DanmakuSettings): DanmakuLimits {
  return {
    users: new RateLimiter(settings.user, settings.maxRateKeys),
    addresses: new RateLimiter(settings.address, settings.maxRateKeys),
  };
}

export interface DanmakuOptions {
  readonly room: Broadcaster;
  readonly settings: DanmakuSettings;
  readonly limits: DanmakuLimits;
  readonly guestsMayChat: () => boolean;
  /** The newest picture a viewer can be seeing, media clock in ms; undefined when nothing is live. */
  readonly liveEdgeMs: () => number | undefined;
}

type SendParams = z.output<(typeof paramsSchemas)['danmaku.send']>;

/** Danmaku of one room. */
export class Danmaku {
  readonly #options: DanmakuOptions;

  constructor(options: DanmakuOptions) {
    this.#options = options;
  }

  /** @throws BarrageError `FORBIDDEN`, `BAD_REQUEST`, `RATE_LIMITED`. */
  send(speaker: Speaker, params: SendParams): Methods['danmaku.send']['result'] {
    const { room, settings, limits } = this.#options;
    requireChatter(speaker, this.#options.guestsMayChat());
    const nowMs = room.nowMs();
    const text = cleanChatText(params.text, settings.maxGraphemes);
    const { user } = speaker.identity;
    limits.users.spend(`${room.id}|${user.id}`, 1, { nowMs, what: 'danmaku' });
    limits.addresses.spend(speaker.remoteAddress, 1, { nowMs, what: 'danmaku from this address' });
    const event = room.publish('chat', {
      type: 'danmaku',
      mediaTimeMs: placeInTime(params.mediaTimeMs, {
        liveEdgeMs: this.#options.liveEdgeMs() ?? nowMs,
        windowMs: settings.mediaWindowMs,
      }),
      user,
      text,
      mode: params.mode,
      color: params.color.toLowerCase(),
      size: params.size,
    });
    return { eventId: event.id, offset: event.offset };
  }
}

/**
 * The media time a danmaku gets: what its sender asked for, kept to what a viewer can be seeing; the live edge
 * when the sender does not say. All in ms on the media clock.
 */
export function placeInTime(
  askedMs: number | undefined,
  range: { readonly liveEdgeMs: number; readonly windowMs: number },
): number {
  const { liveEdgeMs, windowMs } = range;
  const asked = askedMs ?? liveEdgeMs;
  return Math.round(Math.min(Math.max(asked, liveEdgeMs - windowMs), liveEdgeMs));
}
