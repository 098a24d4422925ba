// HLS files at /live/ROOM/...: who may have them and who counts as a viewer. How a file goes out is hls-answer.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BarrageError } from '../../core/errors.ts';
import type { Closable } from '../../core/lifecycle.ts';
import type { Gate } from '../auth/gate.ts';
import type { MediaResource } from '../live/live-port.ts';
import type { Meter } from '../meter.ts';
import { remoteAddressOf, viewerKeyOf } from '../request-origin.ts';
import type { OpenRoom, OpenRooms } from '../rooms/open-rooms.ts';
import { HlsAnswer, type HlsForm, type HlsWish, sendForm } from './hls-answer.ts';
import { type FileRequest, HlsLane } from './hls-lane.ts';
import { IDLE_TIMEOUT_MS } from './listener.ts';
import { commonHeaders, EVERY_ORIGIN } from './response-headers.ts';
import { SendDeadlines } from './send-deadlines.ts';
import { allowEveryOrigin, answerPreflight, requireViewer } from './viewer-access.ts';

/** How long a cache may remember that something is not there: a playlist may appear any moment. */
const MISSING_CACHE = 'max-age=1';
const FOLDER = '/live/';

export interface HlsOptions {
  readonly rooms: OpenRooms;
  readonly gate: Gate;
  readonly meter: Meter;
  readonly trustedProxies: number;
  /** How long a client may take for one file, ms. */
  readonly sendTimeoutMs: number;
  /** The listener speaks TLS itself. */
  readonly isSecure: boolean;
}

interface HlsRoute {
  Params: { room: string; '*': string };
}

/** Serves HLS. */
export class HlsFiles implements Closable {
  readonly #options: HlsOptions;
  readonly #deadlines: SendDeadlines;
  readonly #lane: HlsLane;
  readonly #headers: Readonly<Record<string, string>>;
  #isOpen = true;
  readonly #answers = {
    public: new WeakMap<MediaResource, HlsAnswer>(),
    private: new WeakMap<MediaResource, HlsAnswer>(),
  };

  constructor(options: HlsOptions) {
    this.#options = options;
    this.#deadlines = new SendDeadlines(options.sendTimeoutMs);
    this.#lane = new HlsLane({
      choose: (request) => this.#choose(request),
      deadlines: this.#deadlines,
      idleTimeoutMs: IDLE_TIMEOUT_MS,
    });
    // No request id: a cache would hand it on to everybody.
    this.#headers = { ...commonHeaders(options.isSecure), ...EVERY_ORIGIN };
  }

  /** A new connection of HTTP/1.1, which `handOver` gets unless it only fetches files of public rooms. */
  takeConnection(socket: Socket, handOver: (socket: Socket) => void): void {
    this.#lane.take(socket, handOver);
  }

  /**
   * Answers at once what most players ask for most of the time, a file of a public room that is there; false for
   * anything else, which the routes answer. Fastify's own way takes several times as long.
   */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const form = this.#choose(request);
    if (!form) return false;
    this.#send(form, response, { isHead: request.method === 'HEAD' });
    return true;
  }

  /** The answer to a request for a file of a public room that is there; undefined for anything else. */
  #choose(request: FileRequest): HlsForm | Promise<HlsForm> | undefined {
    const { method, url = '' } = request;
    if (!this.#isOpen || (method !== 'GET' && method !== 'HEAD') || !url.startsWith(FOLDER)) return undefined;
    const slash = url.indexOf('/', FOLDER.length);
    const room = slash < 0 ? undefined : this.#options.rooms.find(url.slice(FOLDER.length, slash));
    if (!room || room.record().settings.private) return undefined;
    const path = url.slice(slash + 1);
    const resource = room.room.live.findHls(path);
    if (!resource) return undefined;
    this.#countViewer(room, path, request);
    return this.#formOf(resource, request, false);
  }

  /** Adds the routes: private rooms, waiting for a first playlist, and everything that is refused. */
  addRoutes(app: FastifyInstance): void {
    app.options('/live/:room/*', (_, reply) => answerPreflight(reply, 'GET, HEAD, OPTIONS'));
    app.get<HlsRoute>('/live/:room/*', async (request, reply) => {
      allowEveryOrigin(reply);
      reply.header('cache-control', MISSING_CACHE);
      const { room: roomId, '*': path } = request.params;
      const room = this.#options.rooms.open(roomId);
      const record = room.record();
      await requireViewer(this.#options.gate, record, { request, reply });
      const resource = await resolve(room, path, request);
      this.#countViewer(room, path, request.raw);
      const form = this.#formOf(resource, request.raw, record.settings.private);
      const cookie = reply.getHeader('set-cookie');
      reply.hijack();
      const extra = cookie === undefined ? [] : ['set-cookie', String(cookie)];
      this.#send(form, reply.raw, { isHead: request.method === 'HEAD', extra });
      return reply;
    });
  }

  /** From now on the routes are asked, which say that the server closes. */
  close(reason: string): void {
    this.#isOpen = false;
    this.#lane.close(reason);
    this.#deadlines.close(reason);
  }

  #send(form: HlsForm | Promise<HlsForm>, response: ServerResponse, options: SendOptions): void {
    if (form instanceof Promise) {
      form.then(
        (made) => this.#send(made, response, options),
        () => response.destroy(),
      );
      return;
    }
    sendForm(form, response, options);
    this.#deadlines.watch(response);
  }

  /** Counts what will be sent. */
  #formOf(
    resource: MediaResource,
    { method, headers }: FileRequest,
    isPrivate: boolean,
  ): HlsForm | Promise<HlsForm> {
    const form = this.#answerOf(resource, isPrivate).choose(headers as HlsWish);
    if (method === 'HEAD') return form;
    if (form instanceof Promise) return form.then((made) => this.#count(made));
    return this.#count(form);
  }

  #count(form: HlsForm): HlsForm {
    if (form.bytes > 0) this.#options.meter.countBytesOut('hls', form.bytes);
    return form;
  }

  #answerOf(resource: MediaResource, isPrivate: boolean): HlsAnswer {
    const answers = isPrivate ? this.#answers.private : this.#answers.public;
    const known = answers.get(resource);
    if (known) return known;
    const made = new HlsAnswer(resource, { isPrivate, headers: this.#headers });
    answers.set(resource, made);
    return made;
  }

  #countViewer({ room }: OpenRoom, path: string, request: FileRequest): void {
    if (!path.endsWith('.m3u8')) return;
    const address = remoteAddressOf(request, this.#options.trustedProxies);
    room.presence.touchHls(viewerKeyOf(request, address), room.nowMs());
  }
}

interface SendOptions {
  readonly isHead: boolean;
  readonly extra?: readonly string[];
}

/** @throws BarrageError `STREAM_NOT_LIVE` while there is nothing to play, `NOT_FOUND` for a file that is gone. */
async function resolve(room: OpenRoom, path: string, request: FastifyRequest): Promise<MediaResource> {
  const { live, id } = room.room;
  const gone = new AbortController();
  request.raw.once('close', () => gone.abort());
  const resource = await live.resolveHls(path, gone.signal);
  if (resource) return resource;
  if (live.info.state === 'waiting') {
    throw new BarrageError('STREAM_NOT_LIVE', `nobody publishes into room "${id}"`);
  }
  throw new BarrageError('NOT_FOUND', `room "${id}" has no file "${path}"`);
}
