// A WebRTC publisher in a browser page: answers a viewer's offer with a moving canvas and a tone, as the media
// server would, and holds the other ends of its data channels. Signalling goes through the test.
import type { Page } from 'playwright-core';

interface OriginGlobals {
  origin: { answer(sdp: string): Promise<string>; send(lane: string, text: string): void; close(): void };
  onLane(lane: string, text: string): void;
}

/** Prepares `page`, which must be on a secure or local origin; `onLane` hears what the viewer sends. */
export async function createOrigin(page: Page, onLane: (lane: string, text: string) => void) {
  await page.exposeFunction('onLane', onLane);
  await page.evaluate(installOrigin);
  return {
    answer: (sdp: string) =>
      page.evaluate((offer) => (globalThis as unknown as OriginGlobals).origin.answer(offer), sdp),
    send: (lane: string, text: string) =>
      page.evaluate(
        ([to, frame]) => (globalThis as unknown as OriginGlobals).origin.send(to ?? '', frame ?? ''),
        [lane, text],
      ),
    close: () => page.evaluate(() => (globalThis as unknown as OriginGlobals).origin.close()),
  };
}

/** Runs in the page. */
function installOrigin(): void {
  const globals = globalThis as unknown as OriginGlobals;
  const canvas = document.createElement('canvas');
  canvas.width = 320;
  canvas.height = 180;
  const context = canvas.getContext('2d');
  setInterval(() => {
    if (!context) return;
    context.fillStyle = `hsl(${(performance.now() / 20) % 360} 70% 40%)`;
    context.fillRect(0, 0, 320, 180);
    context.fillStyle = '#fff';
    context.font = '40px monospace';
    context.fillText(String(Date.now() % 100_000), 80, 100);
  }, 33);
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const output = audio.createMediaStreamDestination();
  tone.connect(output);
  tone.start();
  let connection: RTCPeerConnection | undefined;
  let lanes: Record<string, RTCDataChannel> = {};
  const openLane = (peer: RTCPeerConnection, label: string, id: number) => {
    const channel = peer.createDataChannel(label, { negotiated: true, id });
    channel.onmessage = (event) => globals.onLane(label, String(event.data));
    return channel;
  };
  globals.origin = {
    async answer(sdp) {
      const peer = new RTCPeerConnection();
      connection = peer;
      for (const track of canvas.captureStream(30).getTracks()) peer.addTrack(track);
      for (const track of output.stream.getTracks()) peer.addTrack(track);
      lanes = Object.fromEntries(
        ['value', 'chat', 'pulse'].map((label, id) => [label, openLane(peer, label, id)]),
      );
      await peer.setRemoteDescription({ type: 'offer', sdp });
      await peer.setLocalDescription(await peer.createAnswer());
      if (peer.iceGatheringState !== 'complete') {
        await new Promise<void>((resolve) => {
          peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && resolve();
        });
      }
      return peer.localDescription?.sdp ?? '';
    },
    send: (lane, text) => lanes[lane]?.send(text),
    close: () => connection?.close(),
  };
}
