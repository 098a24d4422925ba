// The composition root: makes every part of the server from the configuration, and ends them in order.
import { setTimeout } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { systemClock, usToMs } from '../core/clock.ts';
import type { Closable } from '../core/lifecycle.ts';
import type { Logger } from '../core/logger.ts';
import { Gate } from './auth/gate.ts';
import { loadSecrets, type ServerSecrets } from './auth/secrets.ts';
import { Tokens } from './auth/tokens.ts';
import { DemoPublisher } from './demo.ts';
import { HttpServer } from './http/http-server.ts';
import { WhepSessions } from './http/whep-sessions.ts';
import type { CreateMediaPlane, MediaPlane } from './media-plane.ts';
import { Metrics } from './metrics.ts';
import { type ListeningPorts, type RoomUrls, roomUrls } from './public-urls.ts';
import { OpenRooms } from './rooms/open-rooms.ts';
import type { RoomRecord } from './rooms/room-record.ts';
import { RoomRegistry } from './rooms/room-registry.ts';
import { RoomStore } from './rooms/room-store.ts';
import type { SessionServices } from './session/session.ts';
import { openRoomSettings, sessionLimits, wsSettings } from './settings.ts';
import { Tally } from './tally.ts';
import { WsServer } from './ws/ws-server.ts';

/** Room that every server has, for trying things out. */
export const DEVELOPMENT_ROOM = 'demo';

export interface AppOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly version: string;
  readonly createMediaPlane: CreateMediaPlane;
  /** Folder of the built web files. */
  readonly webDir: string;
}

/** What everything else stands on: secrets, rooms on disk, counters. */
interface Base {
  readonly config: Config;
  readonly logger: Logger;
  readonly secrets: ServerSecrets;
  readonly store: RoomStore;
  readonly registry: RoomRegistry;
  readonly tally: Tally;
}

/** What people talk through. */
interface Talk {
  readonly rooms: OpenRooms;
  readonly services: SessionServices;
  readonly tokens: Tokens;
  readonly ws: WsServer;
  readonly whep: WhepSessions;
}

interface AppParts extends Base, Talk {
  readonly media: MediaPlane;
  readonly http: HttpServer;
  readonly readiness: Readiness;
}

/** Whether the server wants viewers, as told at /readyz. */
interface Readiness {
  state: 'starting' | 'ready' | 'draining';
}

/**
 * Starts a server and listens.
 * @throws BarrageError when a part cannot start; what had started is ended again.
 */
export async function createApp(options: AppOptions): Promise<App> {
  await using undo = new AsyncDisposableStack();
  const base = openBase(options, undo);
  const { config, logger, registry } = base;
  const media = await options.createMediaPlane({ config, logger, directory: registry });
  undo.defer(() => media.close('start failed'));
  const talk = createTalk(base, media, undo);
  const readiness: Readiness = { state: 'starting' };
  const http = await createHttp({ ...base, ...talk, media, readiness }, options, undo);
  talk.ws.attach(http.upgrades);
  await http.listen();
  readiness.state = 'ready';
  return new App({ ...base, ...talk, media, http, readiness }, undo.move());
}

function openBase({ config, logger }: AppOptions, undo: AsyncDisposableStack): Base {
  const secrets = loadSecrets({
    dataDir: config.data.dir,
    adminToken: config.auth.adminToken,
    jwtSecret: config.auth.jwt.secret,
  });
  const store = undo.adopt(RoomStore.open(config.data.dir), (it) => it.close());
  const registry = new RoomRegistry(store, config.room.maxRooms);
  registry.on('created', ({ id }) => logger.info({ room: id }, 'room created'));
  registry.on('deleted', (id) => logger.info({ room: id }, 'room deleted'));
  if (!registry.find(DEVELOPMENT_ROOM)) registry.create({ id: DEVELOPMENT_ROOM, title: 'Demo' });
  return { config, logger, secrets, store, registry, tally: new Tally() };
}

function createTalk(base: Base, media: MediaPlane, undo: AsyncDisposableStack): Talk {
  const { config, logger, secrets, store, registry, tally } = base;
  const rooms = new OpenRooms({
    registry,
    store,
    live: media.live,
    settings: openRoomSettings(config),
    meter: tally,
    logger,
    nowMs: () => usToMs(systemClock.nowUs()),
  });
  undo.defer(() => rooms.close('server stopped'));
  const tokens = new Tokens({ ...config.auth.jwt, secret: secrets.jwtSecret });
  const gate = new Gate({ adminToken: secrets.adminToken, tokens });
  const services: SessionServices = { gate, meter: tally, logger, ...sessionLimits(config) };
  const ws = new WsServer({ rooms, services, settings: wsSettings(config) });
  undo.defer(() => ws.close('server stopped'));
  const whep = new WhepSessions(services);
  undo.defer(() => whep.close('server stopped'));
  return { rooms, services, tokens, ws, whep };
}

async function createHttp(
  parts: Omit<AppParts, 'http'>,
  options: AppOptions,
  undo: AsyncDisposableStack,
): Promise<HttpServer> {
  const { config, logger, registry, tally, media, rooms, services, tokens, whep, readiness } = parts;
  const { gate } = services;
  const { trustedProxies } = config.http;
  const metrics = undo.adopt(new Metrics(() => readMetrics(parts)), (it) => it.close());
  const http = await HttpServer.create({
    settings: config.http,
    version: options.version,
    logger,
    meter: tally,
    gate,
    api: { registry, rooms, live: media.live, tokens },
    whep: { rooms, sessions: whep, gate, trustedProxies },
    hls: { rooms, gate, meter: tally, trustedProxies },
    pages: { registry, live: media.live, webDir: options.webDir },
    status: { metrics, notReady: () => describeUnready(readiness, media) },
  });
  undo.defer(() => http.close('server stopped'));
  return http;
}

function readMetrics({ media, rooms, registry, ws, tally }: Omit<AppParts, 'http'>) {
  return {
    streams: media.live.describe(),
    media: media.figures(),
    presence: rooms.list().map(({ room }) => room.presence.counts()),
    rooms: { known: registry.size, open: rooms.list().length },
    websocket: { connections: ws.size, bufferedBytes: ws.bufferedBytes },
    tally,
  };
}

function describeUnready(readiness: Readiness, media: MediaPlane): readonly string[] {
  return readiness.state === 'ready' ? media.notReady() : [readiness.state];
}

/** A running server. */
export class App implements Closable {
  readonly #parts: AppParts;
  /** Everything that was started, to be ended in the opposite order. */
  readonly #started: AsyncDisposableStack;
  #demo: DemoPublisher | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: AppParts, started: AsyncDisposableStack) {
    this.#parts = parts;
    this.#started = started;
  }

  get ports(): ListeningPorts {
    return { http: this.#parts.http.port, rtmp: this.#parts.media.rtmpPort };
  }

  get adminToken(): string {
    return this.#parts.secrets.adminToken;
  }

  get developmentRoom(): RoomRecord | undefined {
    return this.#parts.registry.find(DEVELOPMENT_ROOM);
  }

  get developmentUrls(): RoomUrls {
    return roomUrls(this.#parts.config, this.ports, DEVELOPMENT_ROOM);
  }

  /** Publishes a test picture into the development room from now on. */
  startDemo(): void {
    const { config, logger } = this.#parts;
    const room = this.#parts.registry.require(DEVELOPMENT_ROOM);
    this.#demo ??= new DemoPublisher({
      ffmpegPath: config.transcoder.ffmpegPath,
      rtmpServer: this.developmentUrls.rtmpServer,
      streamKey: room.streamKey,
      logger,
    });
  }

  /** Turns away whoever is new; resolves when load balancers have had their time to notice. */
  async drain(): Promise<void> {
    const { readiness, media, ws, whep, config } = this.#parts;
    if (readiness.state === 'draining') return;
    readiness.state = 'draining';
    this.#demo?.drain();
    media.drain();
    const isBusy = ws.size > 0 || whep.size > 0 || media.figures().rtmp.publishing > 0;
    if (isBusy) await setTimeout(config.shutdown.drainMs);
  }

  /** Ends everything: viewers first, then publishers and child processes, then the listeners. Idempotent. */
  close(reason: string): Promise<void> {
    this.#closing ??= this.#end(reason);
    return this.#closing;
  }

  async #end(reason: string): Promise<void> {
    this.#parts.readiness.state = 'draining';
    this.#parts.logger.info({ reason }, 'server stopping');
    await this.#parts.ws.drain();
    await this.#demo?.close(reason);
    await this.#started.disposeAsync();
    this.#parts.logger.info({ reason }, 'server stopped');
  }
}
