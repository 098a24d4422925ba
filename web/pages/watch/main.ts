// The watch page: puts the SDK and the page's parts together.
import { LikeSender, Player, pictureTimeMs, RoomClient, roomUrl } from '../../sdk/index.ts';
import { parseWatchAddress, type WatchAddress } from './address.ts';
import { DanmakuOverlay } from './danmaku-overlay.ts';
import { type DanmakuEvent, EventFeed } from './event-feed.ts';
import { ChatList } from './ui/chat-list.ts';
import { Composer } from './ui/composer.ts';
import { createControlBar } from './ui/control-bar.ts';
import { requireElement } from './ui/element.ts';
import { createLikeButton } from './ui/like-button.ts';
import { createSettingsPanel } from './ui/settings-panel.ts';
import { bindShortcuts } from './ui/shortcuts.ts';
import { StatusView } from './ui/status-view.ts';

interface Parts {
  readonly room: RoomClient;
  readonly player: Player;
  readonly overlay: DanmakuOverlay;
  readonly chat: ChatList;
}

function createParts(address: WatchAddress): Parts {
  const room = new RoomClient({ url: roomUrl(address.room), token: address.token, name: address.name });
  const player = new Player({
    video: requireElement('video', HTMLVideoElement),
    room,
    hlsUrl: `/live/${encodeURIComponent(address.room)}/index.m3u8`,
    transport: address.transport ?? 'auto',
  });
  const chat = new ChatList({
    list: requireElement('chat', HTMLElement),
    newest: requireElement('newest', HTMLElement),
  });
  return { room, player, chat, overlay: new DanmakuOverlay(requireElement('overlay', HTMLElement)) };
}

function createFeed({ room, player, overlay, chat }: Parts): EventFeed {
  const isOwn = (event: DanmakuEvent) => event.user.id === room.hello?.user.id;
  room.on('gap', ({ dropped }) => {
    if (dropped > 0) chat.note(`${dropped} message${dropped === 1 ? '' : 's'} could not be shown`);
  });
  return new EventFeed({
    room,
    playhead: player.playhead,
    draw: (event) => overlay.draw(event, isOwn(event)),
    list: (event) => {
      const { text, color, user } = event;
      chat.add({ text, color, name: user.name, role: user.role, own: isOwn(event) });
    },
  });
}

function createComposer({ room, player }: Parts): Composer {
  const composer = new Composer({
    send: async (body) => {
      // The message belongs to the picture its author sees now.
      const mediaTimeMs = await pictureTimeMs(player.playhead);
      return room.request('danmaku.send', { ...body, mediaTimeMs });
    },
  });
  room.on('hello', (hello) => composer.setLimit(hello.limits.maxTextGraphemes));
  return composer;
}

function createControls(parts: Parts): void {
  const { room, player, overlay } = parts;
  const composer = createComposer(parts);
  const likes = new LikeSender({ send: (count) => room.request('like.send', { count }) });
  const like = createLikeButton(room, likes);
  const video = requireElement('video', HTMLVideoElement);
  const controls = createControlBar({ player, video, overlay });
  createSettingsPanel(player);
  bindShortcuts({
    ' ': controls.togglePlay,
    m: controls.toggleMute,
    d: controls.toggleDanmaku,
    f: controls.toggleFullscreen,
    l: like,
    enter: () => composer.focus(),
    '/': () => composer.focus(),
  });
}

/** Comes back at once, rather than after a backoff, when the network or the page does. */
function reconnectEagerly(room: RoomClient): void {
  const connect = () => {
    if (room.state.status === 'waiting') room.connect();
  };
  window.addEventListener('online', connect);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) connect();
  });
}

/** A window on the page's insides for tests and debugging; read, don't steer. */
function exposeInsides({ room, player }: Parts, feed: EventFeed): void {
  const insides = {
    room,
    player,
    playhead: player.playhead,
    get drawn() {
      return [...feed.drawn];
    },
    get held() {
      return feed.held;
    },
  };
  Object.defineProperty(window, 'barrage', { value: Object.freeze(insides) });
}

const parts = createParts(parseWatchAddress(new URL(location.href)));
const feed = createFeed(parts);
new StatusView(parts.room, parts.player);
createControls(parts);
reconnectEagerly(parts.room);
exposeInsides(parts, feed);
parts.room.connect();
parts.player.start();
