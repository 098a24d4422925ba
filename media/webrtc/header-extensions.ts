// Which RTP header extensions a viewer is told of, and how bandwidth is estimated towards it. Pure.
import { type HeaderExtension, type OfferedMedia, type SdpOffer, servedMedia } from './sdp-offer.ts';

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/**
 * The section whose transport the bundle uses (RFC 8843 7.3.1): the first that can, as offered. From our own
 * client it is the sound when there is any: libwebrtc checks the answer's extension ids against its own of
 * this section, and offers fewer for sound.
 */
export function bundleTag(offer: SdpOffer): string | undefined {
  const served = offer.sections.filter((section) => section.kind !== 'refused');
  const able = served.filter((section) => !section.bundleOnly);
  const sound = offer.anyPlayer ? undefined : able.find((section) => section.kind === 'audio');
  return (sound ?? able[0] ?? served[0])?.mid;
}

/**
 * mediasoup writes its own extension ids (`ours`) into packets whatever was negotiated. Those that happen
 * to be the client's are always of use. libwebrtc also takes other ids from an answer, unless it has the
 * id for something else in the bundle's tagged section (seen with Chromium 156). Without transport-wide
 * feedback there is no bandwidth estimate: mediasoup 3.27 receives REMB but takes no notice of it.
 */
export function agreeExtensions(
  section: OfferedMedia,
  offer: SdpOffer,
  ours: readonly HeaderExtension[],
): HeaderExtension[] {
  const tag = bundleTag(offer);
  const tagged = servedMedia(offer).find((each) => each.mid === tag)?.extensions ?? [];
  const isUsable = ({ id, uri }: HeaderExtension): boolean => {
    const theirs = section.extensions.find((each) => each.uri === uri);
    if (!theirs) return false;
    if (theirs.id === id) return true;
    return offer.takesOtherExtensionIds && !tagged.some((each) => each.id === id && each.uri !== uri);
  };
  return ours.filter((each) => (each.uri === MID || each.uri === TRANSPORT_CC) && isUsable(each));
}

/** Whether bandwidth towards the viewer can be estimated with what was agreed for its video. */
export function hasBandwidthEstimate(extensions: readonly HeaderExtension[]): boolean {
  return extensions.some((each) => each.uri === TRANSPORT_CC);
}
