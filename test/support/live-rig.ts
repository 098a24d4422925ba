// A media plane for tests, with a small ladder, and waits on what its rooms offer.
import { once } from 'node:events';
import type { Test } from 'tap';
import { configSchema } from '../../config/schema.ts';
import { waitFor } from '../../core/lifecycle.ts';
import { silentLogger } from '../../core/logger.ts';
import { createLive, type Live } from '../../server/live/create-live.ts';
import type { LiveRoom } from '../../server/live/live-room.ts';

/** How long a test waits for anything. */
export const DEADLINE_MS = 60_000;

/** A media plane whose key `secret` opens the room `demo`; ends with the test. */
export async function startLive(t: Test): Promise<Live> {
  const config = configSchema.parse({
    rtmp: { port: 0 },
    webrtc: { port: 0, workers: 1 },
    stream: { graceMs: 20_000 },
    hls: { segmentMs: 1000 },
    ladder: {
      rungs: [
        { name: '360p', height: 360, videoKbps: 500 },
        { name: '180p', height: 180, videoKbps: 200 },
      ],
      preset: 'ultrafast',
    },
  });
  const directory = { findByStreamKey: (key: string) => (key === 'secret' ? { id: 'demo' } : undefined) };
  const live = await createLive({ config, directory, logger: silentLogger });
  t.teardown(() => live.close('test over'));
  return live;
}

/** Waits until the room offers exactly these renditions besides its source. */
export async function waitForRenditions(room: LiveRoom, wanted: readonly string[]): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const offered = () =>
    room
      .describe()
      .renditions.filter((each) => each.origin === 'transcoded')
      .map((each) => each.id)
      .sort();
  while (offered().join() !== [...wanted].sort().join()) {
    signal.throwIfAborted();
    await once(room, 'info', { signal: AbortSignal.any([signal, AbortSignal.timeout(200)]) }).catch(
      () => undefined,
    );
  }
}

/** Waits until the room's stream is in that state. */
export async function waitForState(room: LiveRoom, wanted: string): Promise<void> {
  while (room.info.state !== wanted) await waitFor(room, 'info', { timeoutMs: DEADLINE_MS });
}
