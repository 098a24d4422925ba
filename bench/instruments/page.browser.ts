// What the instruments put into a page as `window.instruments`: readers for a video element and the two
// plain players. The players are what anyone would write with fetch or hls.js, no code of the server's.
import type Hls from 'hls.js';
import * as barcode from './barcode.ts';
import { ClockReader } from './clock-reader.browser.ts';
import { SoundProbe } from './sound-probe.browser.ts';

/** A started WHEP session of a plain page. */
export interface PlainWhep {
  readonly pc: RTCPeerConnection;
  /** The session's URL, absolute; undefined when the server gave none. */
  readonly location: string | undefined;
}

/** Plays a WHEP URL into a video element: one POST, nothing else. Rejects with the status and body. */
async function playWhep(video: HTMLVideoElement, url: string): Promise<PlainWhep> {
  const pc = new RTCPeerConnection();
  const stream = new MediaStream();
  pc.ontrack = ({ track }) => {
    stream.addTrack(track);
    video.srcObject = stream;
  };
  pc.addTransceiver('video', { direction: 'recvonly' });
  pc.addTransceiver('audio', { direction: 'recvonly' });
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== 'complete') {
    await new Promise<void>((resolve) => {
      pc.addEventListener('icegatheringstatechange', () => {
        if (pc.iceGatheringState === 'complete') resolve();
      });
    });
  }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/sdp' },
    body: pc.localDescription?.sdp ?? '',
  });
  const answer = await response.text();
  if (response.status !== 201) {
    pc.close();
    throw new Error(`WHEP answered ${response.status}: ${answer}`);
  }
  await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  const location = response.headers.get('Location');
  await video.play();
  return { pc, location: location === null ? undefined : new URL(location, url).href };
}

/** Plays an HLS URL with hls.js as it comes; `hls.js` is loaded as a script before. */
async function playHls(video: HTMLVideoElement, url: string, options: object = {}): Promise<Hls> {
  const { Hls: Player } = globalThis as unknown as { Hls: typeof Hls };
  const hls = new Player({ ...options });
  await new Promise<void>((resolve, reject) => {
    hls.once(Player.Events.MANIFEST_PARSED, () => resolve());
    hls.on(Player.Events.ERROR, (_name, data) => {
      instruments.hlsErrors.push(`${data.type} ${data.details}${data.fatal ? ' (fatal)' : ''}`);
      if (data.fatal) reject(new Error(`hls.js: ${data.details} ${data.error?.message ?? ''}`));
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  });
  await video.play();
  return hls;
}

/** State the driving process reads through `page.evaluate`. */
export const instruments = {
  ClockReader,
  SoundProbe,
  barcode,
  playWhep,
  playHls,
  hlsErrors: [] as string[],
  reader: undefined as ClockReader | undefined,
  sound: undefined as SoundProbe | undefined,
  whep: undefined as PlainWhep | undefined,
  hls: undefined as Hls | undefined,
};

/** The global the instruments are found under. */
export type Instruments = typeof instruments;

Object.assign(globalThis, { instruments });
