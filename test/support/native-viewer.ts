// A viewer without a browser: real ICE, DTLS, SRTP and SCTP through libdatachannel, nothing decoded.
import { EventEmitter } from 'node:events';
import {
  Audio,
  cleanup,
  type DataChannel,
  PeerConnection,
  RtcpReceivingSession,
  type Track,
  Video,
} from 'node-datachannel';
import { waitFor } from '../../core/lifecycle.ts';

/** What a {@link NativeViewer} asks for. */
export interface NativeViewerOptions {
  readonly video?: boolean;
  readonly audio?: boolean;
  readonly data?: boolean;
  /** Payload types it offers. */
  readonly h264?: number;
  readonly opus?: number;
}

interface NativeViewerEvents {
  /** The connection's state changed. */
  state: [state: string];
  /** An RTP packet of a track. */
  packet: [kind: string, packet: Buffer];
  open: [label: string];
  message: [label: string, text: string];
  offer: [sdp: string];
}

/** Options of the three negotiated channels, as the page's SDK opens them. */
const CHANNELS = {
  value: { negotiated: true, id: 0 },
  chat: { negotiated: true, id: 1, maxPacketLifeTime: 1500, unordered: true },
  pulse: { negotiated: true, id: 2, maxRetransmits: 0, unordered: true },
} as const;

/** Ends libdatachannel's threads, which keep the process alive; to be called when no viewer is left. */
export function cleanupNativeViewers(): void {
  cleanup();
}

/** Closed by whoever made it. */
export class NativeViewer extends EventEmitter<NativeViewerEvents> {
  /** Packets received, by kind of track. */
  readonly packets = { audio: 0, video: 0 };
  readonly #connection: PeerConnection;
  // libdatachannel closes tracks and channels that are garbage-collected.
  readonly #tracks: Track[] = [];
  readonly #channels = new Map<string, DataChannel>();
  #state = 'new';

  constructor(options: NativeViewerOptions = {}) {
    super();
    this.setMaxListeners(0);
    this.#connection = new PeerConnection('viewer', { iceServers: [], disableAutoNegotiation: true });
    this.#connection.onStateChange((state) => {
      this.#state = state;
      this.emit('state', state);
    });
    if (options.audio ?? true) this.#addAudio(options.opus ?? 111);
    if (options.video ?? true) this.#addVideo(options.h264 ?? 102);
    if (options.data ?? false) this.#addChannels();
  }

  get state(): string {
    return this.#state;
  }

  /** The offer, with every candidate in it. */
  async createOffer(): Promise<string> {
    const ready = new Promise<void>((resolve) => {
      this.#connection.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    this.#connection.setLocalDescription('offer');
    await ready;
    return this.#connection.localDescription()?.sdp ?? '';
  }

  accept(answer: string): void {
    this.#connection.setRemoteDescription(answer, 'answer');
  }

  /** Resolves once ICE and DTLS are up. */
  async connected(): Promise<void> {
    while (this.#state !== 'connected') await waitFor(this, 'state', { timeoutMs: 10_000 });
  }

  isOpen(label: string): boolean {
    return this.#channels.get(label)?.isOpen() ?? false;
  }

  send(label: string, text: string): boolean {
    return this.#channels.get(label)?.sendMessage(text) ?? false;
  }

  close(): void {
    this.#connection.close();
  }

  #addAudio(payloadType: number): void {
    const audio = new Audio('audio', 'RecvOnly');
    audio.addOpusCodec(payloadType);
    this.#listen('audio', this.#connection.addTrack(audio));
  }

  #addVideo(payloadType: number): void {
    const video = new Video('video', 'RecvOnly');
    video.addH264Codec(payloadType);
    this.#listen('video', this.#connection.addTrack(video));
  }

  #listen(kind: 'audio' | 'video', track: Track): void {
    track.setMediaHandler(new RtcpReceivingSession());
    track.onMessage((packet) => {
      this.packets[kind]++;
      this.emit('packet', kind, packet);
    });
    this.#tracks.push(track);
  }

  #addChannels(): void {
    for (const [label, init] of Object.entries(CHANNELS)) {
      const channel = this.#connection.createDataChannel(label, init);
      channel.onOpen(() => this.emit('open', label));
      channel.onMessage((text) => this.emit('message', label, String(text)));
      this.#channels.set(label, channel);
    }
  }
}
