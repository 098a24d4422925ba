// Which RTP header extensions a viewer is told of, and how bandwidth is estimated towards it. Pure.
import { type HeaderExtension, type OfferedMedia, type SdpOffer, servedMedia } from './sdp-offer.ts';

const MID = 'urn:ietf:params:rtp-hdrext:sdes:mid';
const ABS_SEND_TIME = 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time';
const TRANSPORT_CC = 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01';

/** Extensions of one section. */
export interface AgreedExtensions {
  /** What the answer says. */
  readonly answered: readonly HeaderExtension[];
  /** What mediasoup is told: besides those, one it wants to see before it believes in REMB. */
  readonly assumed: readonly HeaderExtension[];
}

/**
 * The section whose transport the bundle uses (RFC 8843 7.3.1): the sound when there is any. libwebrtc
 * checks the answer's extension ids against its own of this section, and offers fewer for sound.
 */
export function bundleTag(offer: SdpOffer): string | undefined {
  const served = offer.sections.filter((section) => section.kind !== 'refused');
  return (served.find((section) => section.kind === 'audio') ?? served[0])?.mid;
}

/**
 * mediasoup writes its own extension ids (`ours`) into packets whatever was negotiated. Those that happen
 * to be the client's are always of use. libwebrtc also takes other ids from an answer, unless it has the
 * id for something else in the bundle's tagged section (seen with Chromium 156). Without transport-wide
 * feedback REMB must do: its arrival-time extension need not be agreed on, receivers then go by RTP time.
 */
export function agreeExtensions(
  section: OfferedMedia,
  offer: SdpOffer,
  ours: readonly HeaderExtension[],
): AgreedExtensions {
  const tag = bundleTag(offer);
  const tagged = servedMedia(offer).find((each) => each.mid === tag)?.extensions ?? [];
  const isUsable = ({ id, uri }: HeaderExtension): boolean => {
    const theirs = section.extensions.find((each) => each.uri === uri);
    if (!theirs) return false;
    if (theirs.id === id) return true;
    return offer.takesOtherExtensionIds && !tagged.some((each) => each.id === id && each.uri !== uri);
  };
  const usable = ours.filter(isUsable);
  const mid = usable.filter((each) => each.uri === MID);
  const transportCc = usable.filter((each) => each.uri === TRANSPORT_CC);
  if (transportCc.length > 0)
    return { answered: [...mid, ...transportCc], assumed: [...mid, ...transportCc] };
  const sendTime = usable.filter((each) => each.uri === ABS_SEND_TIME);
  const hasRemb = section.codec.feedback.some((each) => each.type === 'goog-remb');
  const assumedSendTime = hasRemb ? ours.filter((each) => each.uri === ABS_SEND_TIME) : sendTime;
  return { answered: [...mid, ...sendTime], assumed: [...mid, ...assumedSendTime] };
}
