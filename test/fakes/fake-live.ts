// A media plane without media: rooms whose stream state, live edge, HLS files and WebRTC viewers a test sets by hand.
import { EventEmitter } from 'node:events';
import { BarrageError } from '../../core/errors.ts';
import type {
  LivePort,
  LiveRoomDescription,
  LiveRoomEvents,
  LiveRoomPort,
  MediaResource,
  WebRtcSessionEvents,
  WebRtcSessionPort,
} from '../../server/live/live-port.ts';
import type { MediaPlane } from '../../server/media-plane.ts';
import type { Lane, StreamInfo } from '../../server/protocol/wire.ts';

/** A WebRTC viewer: what it is sent is kept in `received`, in order, with the lane it came on. */
export class FakeWebRtcSession extends EventEmitter<WebRtcSessionEvents> implements WebRtcSessionPort {
  readonly id: string;
  readonly answer = 'v=0\r\nanswer';
  readonly received: { readonly lane: Lane; readonly frame: string }[] = [];
  readonly options: { readonly dataChannels: boolean };
  preferredLayer: number | null = null;
  lanes: 'paused' | 'open' = 'paused';
  isClosed = false;
  /** Resolves when a resume may finish; tests replace it to hold one up. */
  resumeGate: Promise<void> = Promise.resolve();

  constructor(id: string, options: { readonly dataChannels: boolean }) {
    super();
    this.id = id;
    this.options = options;
  }

  async restart(): Promise<string> {
    return 'v=0\r\nrestarted';
  }

  async patch(fragment: string): Promise<string | undefined> {
    return fragment.includes('ice-ufrag') ? 'a=ice-ufrag:new' : undefined;
  }

  async setPreferredLayer(layer: number | null): Promise<void> {
    this.preferredLayer = layer;
  }

  send(frame: string): void {
    if (!this.isClosed) this.received.push({ lane: 'value', frame });
  }

  async resumeLanes(): Promise<void> {
    await this.resumeGate;
    this.lanes = 'open';
  }

  async pauseLanes(): Promise<void> {
    this.lanes = 'paused';
  }

  describe(): object {
    return { id: this.id };
  }

  close(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.emit('closed', reason);
    this.removeAllListeners();
  }
}

/** A room's media, set by hand. */
export class FakeLiveRoom extends EventEmitter<LiveRoomEvents> implements LiveRoomPort {
  readonly id: string;
  readonly sessions = new Set<FakeWebRtcSession>();
  readonly files = new Map<string, MediaResource>();
  info: StreamInfo = { state: 'waiting' };
  liveEdgeMs: number | undefined;
  opened = 0;

  constructor(id: string) {
    super();
    this.setMaxListeners(0);
    this.id = id;
  }

  /** Changes the stream's state as a publisher would. */
  setInfo(info: StreamInfo): void {
    this.info = info;
    this.emit('info', info);
  }

  async openWebRtc(offer: string, options: { readonly dataChannels: boolean }): Promise<WebRtcSessionPort> {
    if (!offer.startsWith('v=0')) throw new BarrageError('BAD_REQUEST', 'the offer is no SDP');
    const session = new FakeWebRtcSession(`${this.id}-${++this.opened}`, options);
    this.sessions.add(session);
    session.once('closed', () => this.sessions.delete(session));
    return session;
  }

  broadcast(lane: Lane, frame: string): void {
    for (const session of this.sessions) if (session.lanes === 'open') session.received.push({ lane, frame });
  }

  findHls(path: string): MediaResource | undefined {
    return this.files.get(path);
  }

  async resolveHls(path: string): Promise<MediaResource | undefined> {
    return this.files.get(path);
  }

  kick(): boolean {
    if (this.info.state !== 'live') return false;
    this.setInfo({ state: 'waiting' });
    return true;
  }

  describe(): LiveRoomDescription {
    return { room: this.id, state: this.info.state, renditions: [], webrtcSessions: this.sessions.size };
  }

  close(reason: string): void {
    for (const session of [...this.sessions]) session.close(reason);
    this.emit('closed', reason);
    this.removeAllListeners();
  }
}

/** A media plane of {@link FakeLiveRoom}s. */
export class FakeMediaPlane implements MediaPlane, LivePort {
  readonly live = this;
  readonly rtmpPort = 1935;
  readonly rooms = new Map<string, FakeLiveRoom>();
  problems: string[] = [];
  state: 'open' | 'draining' | 'closed' = 'open';

  getRoom(roomId: string): FakeLiveRoom {
    const room = this.rooms.get(roomId) ?? new FakeLiveRoom(roomId);
    this.rooms.set(roomId, room);
    return room;
  }

  findRoom(roomId: string): FakeLiveRoom | undefined {
    return this.rooms.get(roomId);
  }

  removeRoom(roomId: string, reason: string): void {
    this.rooms.get(roomId)?.close(reason);
    this.rooms.delete(roomId);
  }

  describe(): LiveRoomDescription[] {
    return [...this.rooms.values()].map((room) => room.describe());
  }

  figures() {
    const sessions = this.describe().reduce((sum, room) => sum + room.webrtcSessions, 0);
    return {
      rtmp: { open: 0, publishing: 0, accepted: 0, bytesIn: 0, closed: {} },
      webrtc: { sessions, bytesSent: 0, workers: 1, workersDied: 0 },
    };
  }

  notReady(): readonly string[] {
    return this.problems;
  }

  drain(): void {
    this.state = 'draining';
  }

  async close(reason: string): Promise<void> {
    this.state = 'closed';
    for (const room of this.rooms.values()) room.close(reason);
  }
}
