// A viewer of Janus's streaming plugin without a browser: its WebSocket API for signalling, libdatachannel for
// ICE, DTLS and SRTP. Here the server offers and the viewer answers.
import { PeerConnection, RtcpReceivingSession, type Track } from 'node-datachannel';
import type { SfuConnection, SfuEars } from '../../instruments/sfu/sfu-viewer.ts';

const STEP_TIMEOUT_MS = 10_000;
/** Janus ends sessions that are silent for a minute. */
const KEEP_ALIVE_MS = 25_000;

interface JanusMessage {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly jsep?: { readonly type: string; readonly sdp: string };
  readonly error?: { readonly reason: string };
  readonly plugindata?: { readonly data: { readonly error?: string } };
}

/** Joins the mountpoint that the URL's hash names, for example `ws://127.0.0.1:8188/#1`. Throws when refused. */
export async function connectJanus(place: string, ears: SfuEars): Promise<SfuConnection> {
  const viewer = await JanusViewer.open(place);
  try {
    await viewer.watch(Number(new URL(place).hash.slice(1)), ears);
    return viewer;
  } catch (error) {
    await viewer.close();
    throw error;
  }
}

class JanusViewer implements SfuConnection {
  readonly #socket: WebSocket;
  readonly #connection = new PeerConnection('viewer', { iceServers: [] });
  /** Tracks are kept: one that is garbage-collected closes silently (node-datachannel 0.33). */
  readonly #tracks: Track[] = [];
  readonly #waiting = new Map<string, (message: JanusMessage) => void>();
  #nextTransaction = 1;
  #session: number | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#handle(JSON.parse(String(data)) as JanusMessage);
  }

  static async open(place: string): Promise<JanusViewer> {
    const url = new URL(place);
    url.hash = '';
    const socket = new WebSocket(url, 'janus-protocol');
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`Janus does not answer at ${url}`));
    });
    return new JanusViewer(socket);
  }

  async watch(mountpoint: number, ears: SfuEars): Promise<void> {
    ears.onAsk();
    const session = (await this.#ask({ janus: 'create' })).data?.id;
    this.#session = session;
    this.#keepAlive = setInterval(() => this.#send({ janus: 'keepalive' }), KEEP_ALIVE_MS);
    const plugin = 'janus.plugin.streaming';
    const handle = (await this.#ask({ janus: 'attach', plugin })).data?.id;
    const toPlugin = { janus: 'message', handle_id: handle };
    const { jsep } = await this.#ask({ ...toPlugin, body: { request: 'watch', id: mountpoint } });
    if (!jsep) throw new Error('Janus offered nothing');
    const sdp = await this.#answer(jsep.sdp, ears);
    await this.#ask({ ...toPlugin, body: { request: 'start' }, jsep: { type: 'answer', sdp } });
  }

  async close(): Promise<void> {
    clearInterval(this.#keepAlive);
    if (this.#socket.readyState === WebSocket.OPEN) {
      await this.#ask({ janus: 'destroy' }).catch(() => undefined);
      this.#socket.close();
    }
    this.#connection.close();
  }

  async #answer(offer: string, ears: SfuEars): Promise<string> {
    this.#connection.onTrack((track) => {
      track.setMediaHandler(new RtcpReceivingSession());
      track.onMessage(ears.onPacket);
      this.#tracks.push(track);
    });
    const gathered = new Promise<void>((resolve) => {
      this.#connection.onGatheringStateChange((state) => {
        if (state === 'complete') resolve();
      });
    });
    // With a remote offer libdatachannel makes the answer by itself.
    this.#connection.setRemoteDescription(offer, 'offer');
    await gathered;
    const sdp = this.#connection.localDescription()?.sdp;
    if (!sdp) throw new Error('libdatachannel made no answer');
    return sdp;
  }

  /** Sends a request; resolves with its result, which for the plugin's comes after an `ack`. */
  async #ask(request: Readonly<Record<string, unknown>>): Promise<JanusMessage> {
    const transaction = String(this.#nextTransaction++);
    const message = await new Promise<JanusMessage>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`Janus did not answer ${request['janus']} in time`)),
        STEP_TIMEOUT_MS,
      );
      this.#waiting.set(transaction, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#send({ ...request, transaction });
    });
    this.#waiting.delete(transaction);
    const error = message.error?.reason ?? message.plugindata?.data.error;
    if (error !== undefined) throw new Error(`Janus refused ${request['janus']}: ${error}`);
    return message;
  }

  #send(message: Readonly<Record<string, unknown>>): void {
    const session = this.#session === undefined ? {} : { session_id: this.#session };
    const transaction = String(this.#nextTransaction++);
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ transaction, ...session, ...message }));
  }

  #handle(message: JanusMessage): void {
    if (message.janus !== 'ack') this.#waiting.get(message.transaction ?? '')?.(message);
  }
}
