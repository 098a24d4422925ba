// The real media plane, as the composition root wants it: server/live/ behind the interface of media-plane.ts.
import { createLive } from './live/create-live.ts';
import type { MediaPlane, MediaPlaneOptions } from './media-plane.ts';

/** See `CreateMediaPlane`. */
export async function createMediaPlane(options: MediaPlaneOptions): Promise<MediaPlane> {
  const { service, rtmp, webrtc, drain, close } = await createLive(options);
  return {
    live: service,
    rtmpPort: rtmp.address.port,
    figures() {
      const { sessions, bytesSent, workers, workersDied } = webrtc.describe();
      return { rtmp: rtmp.describe(), webrtc: { sessions, bytesSent, workers: workers.length, workersDied } };
    },
    notReady: () => (webrtc.describe().workers.length > 0 ? [] : ['no WebRTC worker is running']),
    drain,
    close,
  };
}
