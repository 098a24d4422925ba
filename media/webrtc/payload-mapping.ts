// Which payload types a router must use to please an offer, and the mediasoup codec list that makes it do so.
import type { types } from 'mediasoup';
import type { OfferedMedia } from './sdp-offer.ts';

/**
 * mediasoup consumers always use their router's payload types, but in an answer to a client's offer they
 * must be the client's. So there is a router for each mapping that viewers bring; few exist in practice.
 */
export interface PayloadMapping {
  readonly h264: number | undefined;
  readonly rtx: number | undefined;
  readonly opus: number | undefined;
}

/** H.264 as mediasoup knows it here; the profile takes no part in matching since all sides say the same. */
export const H264_PARAMETERS = {
  'packetization-mode': 1,
  'level-asymmetry-allowed': 1,
  'profile-level-id': '42e01f',
} as const;

// The order in which mediasoup 3.27 (ortc.ts) hands out payload types it is not told.
const HANDED_OUT = [...range(100, 127), ...range(96, 99)];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The mapping that an offer's sections need; a retransmission type that mediasoup cannot be given is left out. */
export function requiredMapping(media: readonly OfferedMedia[]): PayloadMapping {
  const video = media.find((section) => section.kind === 'video')?.codec;
  const audio = media.find((section) => section.kind === 'audio')?.codec;
  const rtx = video?.rtxPayloadType;
  return {
    h264: video?.payloadType,
    rtx: rtx !== undefined && HANDED_OUT.includes(rtx) ? rtx : undefined,
    opus: audio?.payloadType,
  };
}

/** Whether a router made for `have` also serves an offer that needs `need`. */
export function mappingServes(have: PayloadMapping, need: PayloadMapping): boolean {
  const video = need.h264 === undefined || (have.h264 === need.h264 && have.rtx === need.rtx);
  return video && (need.opus === undefined || have.opus === need.opus);
}

/** A mapping with every payload type decided: what the offer left open is taken from what is usual. */
export function completeMapping(need: PayloadMapping): PayloadMapping & { h264: number; opus: number } {
  const free = (preferred: readonly number[], taken: readonly (number | undefined)[]): number =>
    preferred.find((each) => !taken.includes(each)) ?? 0;
  const h264 = need.h264 ?? free([108, 102, 98], [need.opus]);
  const rtx = need.h264 === undefined ? free([109, 103, 99], [need.opus, h264]) : need.rtx;
  return { h264, rtx, opus: need.opus ?? free([111, 96, 97, 100], [h264, rtx]) };
}

/**
 * `mediaCodecs` of a router that uses the mapping's payload types. mediasoup takes no wish for the
 * retransmission type but hands out the first free one: those in front of it are occupied by codecs that
 * nobody consumes.
 */
export function routerCodecs(mapping: PayloadMapping & { h264: number; opus: number }): RouterCodec[] {
  const { h264, rtx, opus } = mapping;
  const before = rtx === undefined ? [] : HANDED_OUT.slice(0, HANDED_OUT.indexOf(rtx));
  const occupied = before.filter((each) => each !== h264 && each !== opus);
  return [
    ...occupied.map(placeholder),
    { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: opus },
    {
      ...{ kind: 'video', mimeType: 'video/H264', clockRate: 90_000, preferredPayloadType: h264 },
      parameters: H264_PARAMETERS,
    },
  ];
}

type RouterCodec = types.RouterRtpCodecCapability;

function placeholder(payloadType: number): RouterCodec {
  const mimeType = 'audio/telephone-event';
  return { kind: 'audio', mimeType, clockRate: 8000, preferredPayloadType: payloadType };
}
