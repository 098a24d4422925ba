// Settings of rooms and of what viewers do in them: rates, lengths, history, ticks. No defaults elsewhere.
import { z } from 'zod';

const perSecond = z.number().min(0.01).max(100_000);
const burst = z.int().min(1).max(1_000_000);

export const roomSection = z
  .strictObject({
    guestsMayChat: z
      .boolean()
      .default(true)
      .describe('Whether viewers without a token may send danmaku and likes; a room can override it.'),
    maxRooms: z.int().min(1).max(1_000_000).default(10_000).describe('Rooms that may exist.'),
    historyEvents: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(10_000)
      .describe('Newest value and chat events a room keeps for those who reconnect.'),
    historyMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(600_000)
      .describe(
        'Age at which an event leaves the history, ms; an empty room is forgotten after this time too.',
      ),
    maxResumeEvents: z
      .int()
      .min(0)
      .max(100_000)
      .default(1000)
      .describe('Most events a reconnect is answered with; who missed more gets a snapshot instead.'),
    recentEvents: z.int().min(0).max(500).default(30).describe('Newest danmaku a fresh viewer is shown.'),
  })
  .prefault({})
  .describe('Rooms and their history.');

export const interactionSection = z
  .strictObject({
    tickMs: z
      .int()
      .min(5)
      .max(1000)
      .default(50)
      .describe('Interval in which events are gathered into one frame, ms; idle rooms have no tick.'),
    pulseMs: z
      .int()
      .min(5)
      .max(10_000)
      .default(200)
      .describe('Shortest interval between two frames of totals (likes, viewers), ms.'),
    viewersMs: z
      .int()
      .min(10)
      .max(60_000)
      .default(1000)
      .describe('Shortest interval between two viewer counts, ms.'),
    maxChatPerTick: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('Chat events a room delivers per tick; more are thinned, with a gap event.'),
    mediaWindowMs: z
      .int()
      .min(0)
      .max(86_400_000)
      .default(30_000)
      .describe('How far behind the live edge a danmaku may be placed, ms.'),
    danmaku: z
      .strictObject({
        maxGraphemes: z
          .int()
          .min(1)
          .max(1000)
          .default(100)
          .describe('Longest text, in characters as people count them.'),
        perSecond: perSecond.default(3).describe('Danmaku one user may send per second, sustained.'),
        burst: burst.default(10).describe('Danmaku one user may send at once.'),
        addressPerSecond: perSecond.default(100).describe('Danmaku from one address per second, sustained.'),
        addressBurst: burst.default(500).describe('Danmaku from one address at once.'),
      })
      .prefault({})
      .describe('Danmaku.'),
    likes: z
      .strictObject({
        perSecond: perSecond.default(50).describe('Likes one user may give per second, sustained.'),
        burst: burst.default(1000).describe('Likes one user may give at once.'),
      })
      .prefault({})
      .describe('Likes.'),
    maxRateKeys: z
      .int()
      .min(100)
      .max(10_000_000)
      .default(100_000)
      .describe('Users and addresses whose rates are remembered at once; the idlest are forgotten first.'),
  })
  .prefault({})
  .describe('What viewers do: danmaku, likes, counts.');
