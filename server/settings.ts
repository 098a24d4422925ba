// The configuration as the parts of server/ want it. Pure.
import type { Config } from '../config/schema.ts';
import type { OpenRoomSettings } from './rooms/open-rooms.ts';
import type { SessionServices } from './session/session.ts';
import type { WsSettings } from './ws/ws-server.ts';

/** Settings of rooms and their features. */
export function openRoomSettings({ room, interaction }: Config): OpenRoomSettings {
  const { tickMs, pulseMs, maxChatPerTick, viewersMs, danmaku, likes, mediaWindowMs, maxRateKeys } =
    interaction;
  const { historyEvents, historyMs, maxResumeEvents, guestsMayChat } = room;
  return {
    timing: { tickMs, pulseMs, maxChatPerTick, historyEvents, historyMs, maxResumeEvents },
    danmaku: {
      maxGraphemes: danmaku.maxGraphemes,
      user: { perSecond: danmaku.perSecond, burst: danmaku.burst },
      address: { perSecond: danmaku.addressPerSecond, burst: danmaku.addressBurst },
      mediaWindowMs,
      maxRateKeys,
    },
    likes: { perSecond: likes.perSecond, burst: likes.burst },
    viewersMs,
    guestsMayChat,
  };
}

/** Limits of sessions, and what clients are told of them. */
export function sessionLimits(
  config: Config,
): Pick<SessionServices, 'limits' | 'recentEvents' | 'maxCommandsPerSecond'> {
  const { danmaku, likes } = config.interaction;
  return {
    limits: {
      maxTextGraphemes: danmaku.maxGraphemes,
      danmakuPerSecond: danmaku.perSecond,
      likesPerSecond: likes.perSecond,
      maxFrameBytes: config.ws.maxFrameBytes,
    },
    recentEvents: config.room.recentEvents,
    maxCommandsPerSecond: config.ws.maxCommandsPerSecond,
  };
}

/** Settings of WebSocket connections. */
export function wsSettings(config: Config): WsSettings {
  return { ...config.ws, trustedProxies: config.http.trustedProxies };
}
