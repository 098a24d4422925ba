// Writes the SDP answer to a viewer's offer, and the fragment that answers an ICE restart. Pure.
import { bundleTag } from './header-extensions.ts';
import type { HeaderExtension, OfferedSection, RtcpFeedback, SdpOffer } from './sdp-offer.ts';

/** Our side of ICE; we are ICE-lite (RFC 8445 2.5), so this is all there is. */
export interface IceAnswer {
  readonly ufrag: string;
  readonly password: string;
  readonly candidates: readonly AnswerCandidate[];
}

/** A host candidate. */
export interface AnswerCandidate {
  readonly foundation: string;
  readonly priority: number;
  readonly address: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp';
}

/** What is sent in one audio or video section. */
export interface AnswerMedia {
  readonly payloadType: number;
  readonly rtxPayloadType: number | undefined;
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  readonly feedback: readonly RtcpFeedback[];
  readonly extensions: readonly HeaderExtension[];
  /** RTP timestamp at the NTP epoch (RFC 7273 5.2): with it any RTP timestamp is a time on the media clock. */
  readonly clockOffset: number;
}

/** Everything an answer is made of besides the offer. */
export interface AnswerParts {
  readonly sessionId: string;
  readonly ice: IceAnswer;
  readonly fingerprint: { readonly algorithm: string; readonly value: string };
  readonly cname: string;
  /** By mid of the offer's served sections. */
  readonly media: ReadonlyMap<string, AnswerMedia>;
  /** Undefined when the offer's data section is refused. */
  readonly sctp: { readonly port: number; readonly maxMessageSize: number } | undefined;
}

const CLOCKS = { audio: 'opus/48000/2', video: 'H264/90000' } as const;

/** DTLS role we answer with (RFC 5763 5): passive unless the client insists on being the server. */
export function answerSetup(offer: SdpOffer): 'active' | 'passive' {
  return offer.setup === 'passive' ? 'active' : 'passive';
}

/** The answer (RFC 8829 5.3) to {@link SdpOffer}: sections in the offer's order, one bundle, rtcp-mux. */
export function writeAnswer(offer: SdpOffer, parts: AnswerParts): string {
  const isServed = (section: OfferedSection): boolean =>
    section.kind === 'data' ? parts.sctp !== undefined : parts.media.has(section.mid);
  const tag = bundleTag(offer);
  const served = offer.sections.filter(isServed).map((section) => section.mid);
  const bundle = [...served.filter((mid) => mid === tag), ...served.filter((mid) => mid !== tag)];
  const lines = [
    'v=0',
    `o=- ${parts.sessionId} 2 IN IP4 0.0.0.0`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${bundle.join(' ')}`,
    'a=ice-lite',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS *',
  ];
  for (const section of offer.sections) {
    const transport = isServed(section) ? writeTransport(offer, parts, section.mid === bundle[0]) : undefined;
    lines.push(...writeSection(section, parts, transport));
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** The trickle-ice-sdpfrag (RFC 8840 9) that answers an ICE restart (RFC 9725 4.3.3). */
export function writeIceFragment(offer: SdpOffer, ice: IceAnswer): string {
  const served = offer.sections.filter((section) => section.kind !== 'refused');
  const tag = bundleTag(offer);
  const first = served.find((section) => section.mid === tag);
  if (!first) return '';
  const type = first.kind === 'data' ? 'application' : first.kind;
  const lines = [
    'a=ice-lite',
    `a=group:BUNDLE ${served.map((section) => section.mid).join(' ')}`,
    `m=${type} 9 ${first.protocol} ${first.formats}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${first.mid}`,
    ...writeIce(ice, true),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function writeSection(
  section: OfferedSection,
  parts: AnswerParts,
  transport: string[] | undefined,
): string[] {
  if (!transport || section.kind === 'refused') return writeRefusal(section);
  if (section.kind === 'data') {
    return [
      `m=application 9 ${section.protocol} webrtc-datachannel`,
      'c=IN IP4 0.0.0.0',
      `a=mid:${section.mid}`,
      ...transport,
      `a=sctp-port:${parts.sctp?.port ?? 5000}`,
      `a=max-message-size:${parts.sctp?.maxMessageSize ?? 65536}`,
    ];
  }
  const media = parts.media.get(section.mid);
  if (!media) return writeRefusal(section);
  const rtx = media.rtxPayloadType === undefined ? [] : [media.rtxPayloadType];
  return [
    `m=${section.kind} 9 ${section.protocol} ${[media.payloadType, ...rtx].join(' ')}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
    ...transport,
    'a=sendonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...writeCodec(media, CLOCKS[section.kind], section.codec.fmtp),
    'a=ts-refclk:ntp=/traceable/',
    `a=mediaclk:direct=${media.clockOffset}`,
    ...media.extensions.map((ext) => `a=extmap:${ext.id} ${ext.uri}`),
    `a=msid:${parts.cname} ${section.kind}`,
    ...writeSsrcs(media, `${parts.cname} ${section.kind}`, parts.cname),
  ];
}

function writeRefusal(section: OfferedSection): string[] {
  const type = section.kind === 'refused' ? section.type : section.kind;
  const name = type === 'data' ? 'application' : type;
  return [
    `m=${name} 0 ${section.protocol} ${section.formats}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
    'a=inactive',
  ];
}

// Candidates once, in the section that stands for the bundle; the rest in each, for clients that do not
// look at the session level.
function writeTransport(offer: SdpOffer, parts: AnswerParts, withCandidates: boolean): string[] {
  return [
    ...writeIce(parts.ice, withCandidates),
    `a=fingerprint:${parts.fingerprint.algorithm} ${parts.fingerprint.value}`,
    `a=setup:${answerSetup(offer)}`,
  ];
}

function writeIce(ice: IceAnswer, withCandidates: boolean): string[] {
  const lines = [`a=ice-ufrag:${ice.ufrag}`, `a=ice-pwd:${ice.password}`];
  if (!withCandidates) return lines;
  return [...lines, ...ice.candidates.map(writeCandidate), 'a=end-of-candidates'];
}

function writeCandidate(candidate: AnswerCandidate): string {
  const { foundation, protocol, priority, address, port } = candidate;
  const tcp = protocol === 'tcp' ? ' tcptype passive' : '';
  return `a=candidate:${foundation} 1 ${protocol} ${priority} ${address} ${port} typ host${tcp}`;
}

function writeCodec(media: AnswerMedia, rtpmap: string, fmtp: string): string[] {
  const { payloadType, rtxPayloadType } = media;
  const lines = [`a=rtpmap:${payloadType} ${rtpmap}`, `a=fmtp:${payloadType} ${fmtp}`];
  for (const { type, parameter } of media.feedback) {
    lines.push(`a=rtcp-fb:${payloadType} ${type}${parameter ? ` ${parameter}` : ''}`);
  }
  if (rtxPayloadType === undefined) return lines;
  return [...lines, `a=rtpmap:${rtxPayloadType} rtx/90000`, `a=fmtp:${rtxPayloadType} apt=${payloadType}`];
}

function writeSsrcs(media: AnswerMedia, msid: string, cname: string): string[] {
  const { ssrc, rtxSsrc } = media;
  const describe = (each: number): string[] => [
    `a=ssrc:${each} cname:${cname}`,
    `a=ssrc:${each} msid:${msid}`,
  ];
  if (rtxSsrc === undefined) return describe(ssrc);
  return [`a=ssrc-group:FID ${ssrc} ${rtxSsrc}`, ...describe(ssrc), ...describe(rtxSsrc)];
}
