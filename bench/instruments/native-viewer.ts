// A WHEP viewer without a browser: real ICE, DTLS and SRTP through libdatachannel, no decoding. Many fit into
// one process. What it receives is counted, not looked at.
import { Audio, cleanup, PeerConnection, RtcpReceivingSession, type Track, Video } from 'node-datachannel';

const GATHER_TIMEOUT_MS = 5_000;
const H264_PROFILE = 'profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1';

/** What a viewer is made with. */
export interface NativeViewerOptions {
  /** Asks for sound too; default true. */
  readonly sound?: boolean;
  /** Told every packet (RTP and RTCP) as it arrives; decrypted. */
  readonly onPacket?: (packet: Buffer) => void;
  /** Told when the offer is posted. */
  readonly onPost?: () => void;
}

/** A joined viewer. Whoever made it closes it. */
export class NativeViewer {
  readonly #connection: PeerConnection;
  /** Tracks are kept: one that is garbage-collected closes silently (node-datachannel 0.33). */
  readonly tracks: readonly Track[];
  #location: string | undefined;
  #packets = 0;

  private constructor(
    connection: PeerConnection,
    tracks: readonly Track[],
    onPacket?: NativeViewerOptions['onPacket'],
  ) {
    this.#connection = connection;
    this.tracks = tracks;
    for (const track of tracks) {
      track.onMessage((packet) => {
        this.#packets++;
        onPacket?.(packet);
      });
    }
  }

  /** Joins a WHEP URL. Throws with the status and body when it is refused. */
  static async join(whepUrl: string, options: NativeViewerOptions = {}): Promise<NativeViewer> {
    const connection = new PeerConnection('viewer', { iceServers: [], ...bindTo(whepUrl) });
    const video = new Video('0', 'RecvOnly');
    video.addH264Codec(96, H264_PROFILE);
    const tracks = [connection.addTrack(video)];
    if (options.sound ?? true) {
      const audio = new Audio('1', 'RecvOnly');
      audio.addOpusCodec(111);
      tracks.push(connection.addTrack(audio));
    }
    for (const track of tracks) track.setMediaHandler(new RtcpReceivingSession());
    const viewer = new NativeViewer(connection, tracks, options.onPacket);
    try {
      await viewer.#negotiate(whepUrl, options.onPost);
      return viewer;
    } catch (error) {
      await viewer.close();
      throw error;
    }
  }

  /** RTP packets received so far, picture and sound. */
  get packets(): number {
    return this.#packets;
  }

  get state(): string {
    return this.#connection.state();
  }

  /** Waits for so many packets; throws saying how many came. */
  async waitForPackets(packets: number, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.#packets < packets) {
      if (Date.now() > deadline) {
        throw new Error(`${this.#packets} of ${packets} packets within ${timeoutMs} ms; ${this.state}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /**
   * Leaves as RFC 9725 asks: DELETE, then the connection is closed. Tracks are left to it: closed by
   * themselves they make `cleanup` crash (node-datachannel 0.33).
   */
  async close(): Promise<void> {
    const location = this.#location;
    this.#location = undefined;
    if (location !== undefined) await fetch(location, { method: 'DELETE' }).catch(() => undefined);
    this.#connection.close();
  }

  /** Goes without a word, as a closed laptop does. */
  vanish(): void {
    this.#location = undefined;
    this.#connection.close();
  }

  async #negotiate(whepUrl: string, onPost?: () => void): Promise<void> {
    const offer = await this.#createOffer();
    onPost?.();
    const response = await fetch(whepUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: offer,
    });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`WHEP answered ${response.status}: ${answer}`);
    const location = response.headers.get('Location');
    this.#location = location === null ? undefined : new URL(location, whepUrl).href;
    this.#connection.setRemoteDescription(answer, 'answer');
  }

  async #createOffer(): Promise<string> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_TIMEOUT_MS);
      this.#connection.onGatheringStateChange((state) => {
        if (state !== 'complete') return;
        clearTimeout(timer);
        resolve();
      });
      this.#connection.setLocalDescription();
    });
    const sdp = this.#connection.localDescription()?.sdp;
    if (!sdp) throw new Error('libdatachannel made no offer');
    return sdp;
  }
}

/** A server on loopback needs no other address tried; one elsewhere is not reached from there. */
function bindTo(whepUrl: string): { readonly bindAddress?: string } {
  const { hostname } = new URL(whepUrl);
  return ['127.0.0.1', 'localhost'].includes(hostname) ? { bindAddress: '127.0.0.1' } : {};
}

/** Ends libdatachannel's threads, which keep the process alive; call it when the last viewer is gone. */
export function endNativeViewers(): void {
  cleanup();
}
