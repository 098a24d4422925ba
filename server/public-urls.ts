// The addresses people are told: where to watch, where to publish. Pure.
import type { Config } from '../config/schema.ts';

/** What of the configuration addresses are made of. */
export type AddressSettings = Pick<Config, 'http' | 'rtmp'>;

/** Ports as really listened on, which differ from the settings where those say 0. */
export interface ListeningPorts {
  readonly http: number;
  readonly rtmp: number;
}

/** The addresses of a room. */
export interface RoomUrls {
  readonly watch: string;
  readonly whep: string;
  readonly hls: string;
  /** OBS's "Server". */
  readonly rtmpServer: string;
}

/** Scheme, host and port viewers use, without a trailing slash. */
export function publicOrigin(settings: AddressSettings, ports: ListeningPorts): string {
  const { http } = settings;
  if (http.publicUrl !== undefined) return http.publicUrl.replace(/\/+$/, '');
  const scheme = http.tls.cert === undefined ? 'http' : 'https';
  return `${scheme}://${shownHost(http.host)}:${ports.http}`;
}

/** The addresses of a room. */
export function roomUrls(settings: AddressSettings, ports: ListeningPorts, roomId: string): RoomUrls {
  const origin = publicOrigin(settings, ports);
  const { rtmp } = settings;

  return {
    watch: `${origin}/watch/${roomId}`,
    whep: `${origin}/live/${roomId}/whep`,
    hls: `${origin}/live/${roomId}/index.m3u8`,
    rtmpServer: `rtmp://${shownHost(rtmp.host)}:${ports.rtmp}/${rtmp.app}`,
  };
}

/** A host as it can be typed: "every interface" is no address to go to. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
