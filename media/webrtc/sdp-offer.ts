// Reads a viewer's SDP offer: which of its media sections we can serve, and with which payload types. Pure;
// knows nothing of mediasoup. The answer is sdp-answer.ts's.
import { type MediaDescription, parse, parseParams, type SessionDescription } from 'sdp-transform';
import { BarrageError } from '../../core/errors.ts';

/** Longest SDP that is looked at, characters. */
export const MAX_SDP_CHARS = 64 * 1024;
const MAX_SECTIONS = 16;

/** A certificate fingerprint (RFC 8122). */
export interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

/** RTCP feedback as in `a=rtcp-fb`: `{type: 'nack', parameter: 'pli'}`. */
export interface RtcpFeedback {
  readonly type: string;
  readonly parameter: string;
}

/** The codec we chose of an audio or video section. */
export interface OfferedCodec {
  readonly payloadType: number;
  /** Retransmission payload type (RFC 4588); undefined when not offered. */
  readonly rtxPayloadType: number | undefined;
  /** Format parameters to answer with. */
  readonly fmtp: string;
  readonly feedback: readonly RtcpFeedback[];
}

/** A header extension (RFC 8285). */
export interface HeaderExtension {
  readonly id: number;
  readonly uri: string;
}

interface Section {
  readonly mid: string;
  readonly protocol: string;
  /** The formats of the m= line, for a refusal to repeat. */
  readonly formats: string;
  /** Offered within the bundle or not at all (RFC 8843 section 6), as `max-bundle` does but for one section. */
  readonly bundleOnly: boolean;
}

/** A media section of the offer and what becomes of it. */
export type OfferedSection =
  | (Section & { readonly kind: 'refused'; readonly type: string })
  | (Section & { readonly kind: 'data' })
  | (Section & {
      readonly kind: 'audio' | 'video';
      readonly codec: OfferedCodec;
      readonly extensions: readonly HeaderExtension[];
    });

/** A served audio or video section. */
export type OfferedMedia = Extract<OfferedSection, { codec: OfferedCodec }>;

/** An offer, as far as answering it needs. */
export interface SdpOffer {
  readonly sections: readonly OfferedSection[];
  readonly iceUfrag: string;
  readonly fingerprints: readonly Fingerprint[];
  /** DTLS role of the client: `actpass` leaves the choice to us (RFC 5763 5). */
  readonly setup: 'actpass' | 'active' | 'passive';
  /**
   * Whether the client takes header extension ids in the answer that differ from its own. libwebrtc does;
   * others keep to RFC 8285 6, which wants them the same, and libwebrtc too with `max-bundle`, which its
   * offer does not show.
   */
  readonly takesOtherExtensionIds: boolean;
  /** See {@link OfferOrigin}. */
  readonly anyPlayer: boolean;
}

/** What is known of whoever made the offer. */
export interface OfferOrigin {
  /** Any player, not ours: nothing is done that some setting of a browser would make it refuse. */
  readonly anyPlayer?: boolean;
}

/**
 * Reads an offer. At most one audio, one video and one data section are served; the rest is refused.
 * @throws BarrageError `TOO_LARGE`, `BAD_REQUEST` with what is wrong, `UNSUPPORTED_MEDIA` when it wants
 *   video but offers no H.264 we can send, audio but no Opus, or nothing at all that we serve
 */
export function parseOffer(sdp: string, { anyPlayer = false }: OfferOrigin = {}): SdpOffer {
  const session = parseSession(sdp);
  const sections = readSections(session);
  const served = sections.filter((section) => section.kind !== 'refused');
  if (served.length === 0) {
    throw new BarrageError('UNSUPPORTED_MEDIA', 'the offer asks to receive neither video, audio nor data');
  }
  const first = session.media.find((media) => String(media.mid) === served[0]?.mid);
  return {
    sections,
    iceUfrag: requireField(first?.iceUfrag ?? session.iceUfrag, 'a=ice-ufrag'),
    fingerprints: readFingerprints(session, first),
    setup: readSetup(first?.setup ?? session.setup),
    takesOtherExtensionIds: !anyPlayer && isLibwebrtc(sdp),
    anyPlayer,
  };
}

/** The audio and video sections that are served. */
export function servedMedia(offer: SdpOffer): OfferedMedia[] {
  return offer.sections.filter((section): section is OfferedMedia => 'codec' in section);
}

function parseSession(sdp: string): SessionDescription {
  if (sdp.length > MAX_SDP_CHARS) {
    throw new BarrageError('TOO_LARGE', `SDP of ${sdp.length} characters, at most ${MAX_SDP_CHARS}`);
  }
  if (!sdp.startsWith('v=0')) throw new BarrageError('BAD_REQUEST', 'not an SDP: it does not start with v=0');
  let session: SessionDescription;
  try {
    session = parse(sdp);
  } catch (cause) {
    throw new BarrageError('BAD_REQUEST', 'the SDP cannot be parsed', { cause });
  }
  const count = session.media?.length ?? 0;
  if (count === 0) throw new BarrageError('BAD_REQUEST', 'the SDP has no media section (m=)');
  if (count > MAX_SECTIONS) {
    throw new BarrageError('BAD_REQUEST', `the SDP has ${count} media sections, at most ${MAX_SECTIONS}`);
  }
  return session;
}

function readSections(session: SessionDescription): OfferedSection[] {
  const bundled = new Set(
    (session.groups ?? []).filter((g) => g.type === 'BUNDLE').flatMap((g) => String(g.mids).split(' ')),
  );
  const taken = new Set<string>();
  const mids = new Set<string>();
  return session.media.map((media) => {
    if (media.mid === undefined) throw new BarrageError('BAD_REQUEST', 'a media section has no a=mid');
    const mid = String(media.mid);
    if (mids.has(mid) || !/^[\x21-\x7e]{1,32}$/.test(mid)) {
      throw new BarrageError('BAD_REQUEST', `a=mid:${mid.slice(0, 40)} is repeated or not a token`);
    }
    mids.add(mid);
    const bundleOnly = media.bundleOnly !== undefined;
    const section = { mid, bundleOnly, protocol: media.protocol, formats: String(media.payloads ?? '0') };
    const alone = session.media.length === 1;
    const disabled = media.port === 0 && !bundleOnly;
    if (taken.has(media.type) || disabled || !(alone || bundled.has(mid))) {
      return { ...section, kind: 'refused', type: media.type };
    }
    const served = readSection(section, media);
    if (served.kind !== 'refused') taken.add(media.type);
    return served;
  });
}

function readSection(section: Section, media: MediaDescription): OfferedSection {
  if (media.type === 'application' && section.protocol.endsWith('DTLS/SCTP')) {
    return { ...section, kind: 'data' };
  }
  const wanted = media.direction === undefined || /^(recvonly|sendrecv)$/.test(media.direction);
  if ((media.type !== 'audio' && media.type !== 'video') || !wanted) {
    return { ...section, kind: 'refused', type: media.type };
  }
  if (!section.protocol.endsWith('SAVPF') && !section.protocol.endsWith('SAVP')) {
    throw new BarrageError('BAD_REQUEST', `protocol ${section.protocol}: WebRTC needs UDP/TLS/RTP/SAVPF`);
  }
  const codec = media.type === 'video' ? chooseH264(media) : chooseOpus(media);
  const extensions = (media.ext ?? []).map((ext) => ({ id: ext.value, uri: ext.uri }));
  return { ...section, kind: media.type, codec, extensions };
}

// What a decoder that says "constrained baseline" is sent is decided by the ladder; browsers decode main
// and high all the same, and constrained baseline is what every client offers.
const H264_PREFERENCE = [/^42[ef]0|^42c0/, /^42/, /^4d/, /^64/, /./];

function chooseH264(media: MediaDescription): OfferedCodec {
  const candidates = media.rtp
    .filter((rtp) => rtp.codec.toUpperCase() === 'H264')
    .map((rtp) => ({ payloadType: rtp.payload, params: readParams(media, rtp.payload) }))
    .filter(({ params }) => Number(params['packetization-mode'] ?? 0) === 1);
  const rank = (profile: unknown): number =>
    H264_PREFERENCE.findIndex((pattern) => pattern.test(String(profile ?? '42e01f').toLowerCase()));
  candidates.sort((a, b) => rank(a.params['profile-level-id']) - rank(b.params['profile-level-id']));
  const chosen = candidates[0];
  if (!chosen) throw noCodec(media, 'H264 with packetization-mode=1');
  const profile = profileLevelId(chosen.params['profile-level-id']);
  return {
    payloadType: checkPayloadType(chosen.payloadType),
    rtxPayloadType: findRtx(media, chosen.payloadType),
    fmtp: `level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=${profile}`,
    feedback: readFeedback(media, chosen.payloadType),
  };
}

function profileLevelId(value: unknown): string {
  const text = String(value ?? '42e01f');
  if (!/^[0-9a-fA-F]{6}$/.test(text)) throw new BarrageError('BAD_REQUEST', `profile-level-id=${text}`);
  return text;
}

function chooseOpus(media: MediaDescription): OfferedCodec {
  const chosen = media.rtp.find((rtp) => rtp.codec.toLowerCase() === 'opus');
  if (!chosen) throw noCodec(media, 'Opus');
  return {
    payloadType: checkPayloadType(chosen.payload),
    rtxPayloadType: undefined,
    fmtp: 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1',
    feedback: readFeedback(media, chosen.payload),
  };
}

function noCodec(media: MediaDescription, wanted: string): BarrageError {
  const offered = [...new Set(media.rtp.map((rtp) => rtp.codec))].slice(0, 12).join(', ');
  return new BarrageError('UNSUPPORTED_MEDIA', `${media.type}: ${wanted} is needed, offered: ${offered}`);
}

function checkPayloadType(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 127) return value;
  throw new BarrageError('BAD_REQUEST', `payload type ${value} is not within 0-127`);
}

function readParams(media: MediaDescription, payloadType: number): Record<string, unknown> {
  const line = media.fmtp.find((fmtp) => fmtp.payload === payloadType);
  return line ? readFmtp(line.config) : {};
}

// parseParams turns "42001f" into itself but "640028" into a number: keep the text of that one.
function readFmtp(config: string): Record<string, unknown> {
  const profile = /profile-level-id=([0-9a-zA-Z]+)/.exec(config)?.[1];
  return { ...parseParams(config), ...(profile === undefined ? {} : { 'profile-level-id': profile }) };
}

function findRtx(media: MediaDescription, payloadType: number): number | undefined {
  const found = media.rtp.find(
    (rtp) => rtp.codec.toLowerCase() === 'rtx' && readParams(media, rtp.payload)['apt'] === payloadType,
  );
  return found ? checkPayloadType(found.payload) : undefined;
}

function readFeedback(media: MediaDescription, payloadType: number): RtcpFeedback[] {
  return (media.rtcpFb ?? [])
    .filter((fb) => fb.payload === payloadType || String(fb.payload) === '*')
    .map((fb) => ({ type: fb.type, parameter: fb.subtype ?? '' }));
}

function readFingerprints(session: SessionDescription, media: MediaDescription | undefined): Fingerprint[] {
  const fingerprint = media?.fingerprint ?? session.fingerprint;
  if (!fingerprint) throw new BarrageError('BAD_REQUEST', 'the SDP lacks a=fingerprint');
  const algorithm = fingerprint.type.toLowerCase();
  const value = fingerprint.hash.toUpperCase();
  if (!/^sha-(1|224|256|384|512)$/.test(algorithm) || !/^[0-9A-F]{2}(:[0-9A-F]{2})+$/.test(value)) {
    throw new BarrageError('BAD_REQUEST', `a=fingerprint:${algorithm.slice(0, 20)} is not one we can check`);
  }
  return [{ algorithm, value }];
}

function readSetup(value: string | undefined): SdpOffer['setup'] {
  if (value === undefined || value === 'actpass') return 'actpass';
  if (value === 'active' || value === 'passive') return value;
  throw new BarrageError('BAD_REQUEST', `a=setup:${value.slice(0, 20)} is not actpass, active or passive`);
}

function requireField(value: string | number | undefined, name: string): string {
  if (value === undefined || String(value) === '') {
    throw new BarrageError('BAD_REQUEST', `the SDP lacks ${name}`);
  }
  return String(value);
}

// Chromium and Safari: no username in o=, and this line at session level. Firefox says "mozilla...".
function isLibwebrtc(sdp: string): boolean {
  return /^o=- /m.test(sdp) && sdp.includes('a=extmap-allow-mixed') && sdp.includes('a=msid-semantic: WMS');
}
