// What the page says to people: states and errors in words. Pure.
import { CLOSE_CODES } from '../../../server/protocol/wire.ts';
import type { PlayerState, RoomState, StreamInfo } from '../../sdk/index.ts';

/** A message over the picture. */
export interface Notice {
  readonly title: string;
  readonly detail: string;
  /** Something is going on that will end by itself. */
  readonly busy: boolean;
}

/** What to say over the picture; undefined when the picture speaks for itself. */
export function describePicture(
  stream: StreamInfo,
  player: PlayerState,
  wasLive: boolean,
): Notice | undefined {
  if (stream.state === 'interrupted') {
    return {
      title: 'The host lost the connection',
      detail: 'The show goes on as soon as it is back.',
      busy: true,
    };
  }
  if (stream.state === 'waiting') {
    return wasLive
      ? { title: 'The show has ended', detail: 'Thank you for watching.', busy: false }
      : { title: 'The show has not started yet', detail: 'It begins here by itself.', busy: false };
  }
  if (player.status === 'playing') return undefined;
  if (player.status === 'stalled') return { title: 'Buffering', detail: '', busy: true };
  if (player.status !== 'trouble') return { title: 'Starting the picture', detail: '', busy: true };
  return { title: 'The picture does not arrive', detail: `Trying again: ${player.reason}.`, busy: true };
}

const FINAL: Readonly<Record<number, string>> = {
  [CLOSE_CODES.badMessage]: 'This page and the server do not understand each other. Please reload it.',
  [CLOSE_CODES.unauthorized]: 'You may not enter this room: the access token is missing, wrong or expired.',
  [CLOSE_CODES.banned]: 'You were removed from this room.',
  [CLOSE_CODES.roomDeleted]: 'This room no longer exists.',
};

/** What to say about the connection to the room; undefined while all is well. */
export function describeConnection(state: RoomState, everOpen: boolean, nowMs: number): string | undefined {
  switch (state.status) {
    case 'idle':
    case 'open':
      return undefined;
    case 'closed':
      return FINAL[state.code] ?? `Disconnected: ${state.reason || `code ${state.code}`}`;
    case 'waiting': {
      const seconds = Math.max(1, Math.ceil((state.retryAtMs - nowMs) / 1000));
      const what = everOpen ? 'Connection to the chat lost.' : 'The room cannot be reached.';
      return `${what} Trying again in ${seconds} s`;
    }
    default:
      return everOpen ? 'Reconnecting to the chat' : 'Joining the room';
  }
}

/** The badge beside the title. */
export function describeBadge(stream: StreamInfo, wasLive: boolean): { state: string; text: string } {
  if (stream.state === 'live') return { state: 'live', text: 'Live' };
  if (stream.state === 'interrupted') return { state: 'interrupted', text: 'Interrupted' };
  return wasLive ? { state: 'ended', text: 'Ended' } : { state: 'waiting', text: 'Waiting' };
}

/** Why a message was not sent, by the error's code. */
export function describeSendError(code: string, message: string): string {
  const phrases: Readonly<Record<string, string>> = {
    DISCONNECTED: 'You are offline: the message was not sent.',
    TIMEOUT: 'The server did not answer. Your message may not have been sent.',
    FORBIDDEN: 'You may not write in this room.',
    TOO_LARGE: 'The message is too long.',
    OVERLOADED: 'The room is very busy. Try again in a moment.',
  };
  return phrases[code] ?? message;
}

/** `0.3 s`, or nothing while unknown. */
export function describeLatency(latencyMs: number | undefined): string {
  if (latencyMs === undefined) return '';
  return `${(Math.max(0, latencyMs) / 1000).toFixed(1)} s`;
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `9,999`, `12.3K` */
export function formatCount(count: number): string {
  return count < 10_000 ? count.toLocaleString('en') : COMPACT.format(count);
}
