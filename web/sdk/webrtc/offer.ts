// The peer connection our side offers: video and audio to receive, and the lanes. Everything is in the first
// offer, so that one answer completes it.
import { LANE_CHANNELS, LANES, type Lane } from '../../../server/protocol/wire.ts';

/** A peer connection with its transceivers and, when asked for, its three lanes. */
export interface OfferedPeer {
  readonly connection: RTCPeerConnection;
  readonly lanes: ReadonlyMap<Lane, RTCDataChannel>;
}

/** Builds the connection; `lanes` adds the data channels, agreed on beforehand as `LANE_CHANNELS` says. */
export function createOfferedPeer(options: { readonly lanes: boolean }): OfferedPeer {
  // Not max-bundle: with it Chromium holds the answer's extension ids against those of its own offer, and
  // mediasoup's id of transport-wide congestion control, without which there is no bandwidth estimate, clashes.
  const connection = new RTCPeerConnection();
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  const lanes = new Map<Lane, RTCDataChannel>();
  if (options.lanes) {
    for (const lane of LANES) {
      lanes.set(lane, connection.createDataChannel(lane, { negotiated: true, ...LANE_CHANNELS[lane] }));
    }
  }
  return { connection, lanes };
}

/**
 * Sets the local offer and returns its SDP at once: candidates are not waited for, since the server (ICE lite)
 * learns our address from our own checks (RFC 8445 section 7.3.1.3).
 */
export async function createOffer(connection: RTCPeerConnection): Promise<string> {
  const offer = await connection.createOffer();
  const sdp = withStereoOpus(offer.sdp ?? '');
  await connection.setLocalDescription({ type: 'offer', sdp });
  return sdp;
}

/** Asks for stereo: without `stereo=1` (RFC 7587 section 6.1) browsers decode Opus to one channel. */
export function withStereoOpus(sdp: string): string {
  const payloadType = /^a=rtpmap:(\d+) opus\/48000\/2\r?$/im.exec(sdp)?.[1];
  if (payloadType === undefined) return sdp;
  const fmtp = new RegExp(`^(a=fmtp:${payloadType} (?!.*stereo=1)[^\\r\\n]+)`, 'm');
  return sdp.replace(fmtp, '$1;stereo=1');
}
