// The mediasoup side of a viewer's session: transport, consumers, data channels, made in one go from an offer.
import type { types } from 'mediasoup';
import { BarrageError, toBarrageError } from '../../core/errors.ts';
import {
  BROADCAST_SUBCHANNEL,
  type DataLane,
  LANE_CHANNELS,
  MAX_MESSAGE_BYTES,
  SEND_BUFFER_BYTES,
  UPSTREAM_ID,
} from './data-lanes.ts';
import { agreeExtensions, hasBandwidthEstimate } from './header-extensions.ts';
import type { Outlet } from './outlet.ts';
import { H264_PARAMETERS } from './payload-mapping.ts';
import { type AnswerMedia, answerSetup, type IceAnswer } from './sdp-answer.ts';
import { type HeaderExtension, type OfferedMedia, type SdpOffer, servedMedia } from './sdp-offer.ts';

/** What {@link openSessionMedia} is given. */
export interface SessionMediaOptions {
  readonly outlet: Outlet;
  readonly offer: SdpOffer;
  readonly dataChannels: boolean;
  /** Seconds without a STUN request from the client after which ICE counts as disconnected. */
  readonly iceConsentTimeoutS: number;
  /** Bits per second assumed before the first bandwidth estimate. */
  readonly startBitrateBps: number;
}

/** The data channels of a session: a consumer for each lane, and what the client sends. */
export interface SessionData {
  readonly lanes: ReadonlyMap<DataLane, types.DataConsumer>;
  readonly upstream: types.DataConsumer;
}

/** Everything a session has in its worker; closing the transport closes all of it but `upstream`. */
export interface SessionMedia {
  readonly outlet: Outlet;
  readonly transport: types.WebRtcTransport;
  readonly consumers: ReadonlyMap<string, types.Consumer>;
  readonly video: types.Consumer | undefined;
  readonly data: SessionData | undefined;
  /** Whether mediasoup learns the bandwidth towards the viewer; else loss must tell. */
  readonly hasBandwidthEstimate: boolean;
}

/**
 * Opens transport, consumers and data channels for the served sections of an offer.
 * @throws BarrageError `BAD_REQUEST` when mediasoup refuses what the client says of itself, `UNAVAILABLE`
 *   when the worker dies meanwhile; nothing is left behind
 */
export async function openSessionMedia(options: SessionMediaOptions): Promise<SessionMedia> {
  const { outlet, offer } = options;
  const hasData = options.dataChannels && offer.sections.some((section) => section.kind === 'data');
  const transport = await createTransport(options, hasData);
  try {
    const role = answerSetup(offer) === 'passive' ? ('client' as const) : ('server' as const);
    const dtlsParameters = { role, fingerprints: [...offer.fingerprints] as types.DtlsFingerprint[] };
    const sections = servedMedia(offer);
    const [consumers, data] = await Promise.all([
      Promise.all(sections.map((section) => consume(transport, outlet, { section, offer }))),
      hasData ? openData(transport, outlet) : undefined,
      transport.connect({ dtlsParameters }),
    ]);
    const byMid = new Map(consumers.map((consumer, index) => [sections[index]?.mid ?? '', consumer]));
    const video = consumers.find((each) => each.kind === 'video');
    const estimated = hasBandwidthEstimate(video?.rtpParameters.headerExtensions ?? []);
    return { outlet, transport, consumers: byMid, video, data, hasBandwidthEstimate: estimated };
  } catch (cause) {
    transport.close();
    throw wrap(cause, outlet);
  }
}

async function createTransport(
  options: SessionMediaOptions,
  hasData: boolean,
): Promise<types.WebRtcTransport> {
  const { outlet } = options;
  try {
    return await outlet.router.createWebRtcTransport({
      webRtcServer: outlet.worker.server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      iceConsentTimeout: options.iceConsentTimeoutS,
      initialAvailableOutgoingBitrate: options.startBitrateBps,
      enableSctp: hasData,
      maxSendMessageSize: MAX_MESSAGE_BYTES,
      maxReceiveMessageSize: MAX_MESSAGE_BYTES,
      sctpSendBufferSize: SEND_BUFFER_BYTES,
      sctpPerStreamSendQueueLimit: SEND_BUFFER_BYTES,
    });
  } catch (cause) {
    throw wrap(cause, outlet);
  }
}

function wrap(cause: unknown, outlet: Outlet): BarrageError {
  if (cause instanceof BarrageError) return toBarrageError(cause);
  if (outlet.closed) return new BarrageError('UNAVAILABLE', 'the WebRTC worker went away', { cause });
  return new BarrageError('BAD_REQUEST', 'the offer cannot be served', { cause });
}

async function consume(
  transport: types.WebRtcTransport,
  outlet: Outlet,
  wanted: { section: OfferedMedia; offer: SdpOffer },
): Promise<types.Consumer> {
  const { section, offer } = wanted;
  return transport.consume({
    producerId: outlet.producer(section.kind).id,
    mid: section.mid,
    enableRtx: section.kind === 'video',
    rtpCapabilities: capabilitiesOf(section, outlet, offer),
  });
}

/** The client's side of one section in mediasoup's terms. */
function capabilitiesOf(section: OfferedMedia, outlet: Outlet, offer: SdpOffer): types.RtpCapabilities {
  const { codec, kind } = section;
  const rtcpFeedback = codec.feedback.map((each) => ({ ...each }));
  const main: types.RtpCodecCapability =
    kind === 'audio'
      ? {
          ...{ kind, mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
          ...{ preferredPayloadType: codec.payloadType, rtcpFeedback },
        }
      : {
          ...{ kind, mimeType: 'video/H264', clockRate: 90_000, parameters: H264_PARAMETERS },
          ...{ preferredPayloadType: codec.payloadType, rtcpFeedback },
        };
  const agreed = agreeExtensions(section, offer, routerExtensions(outlet, kind));
  const headerExtensions = agreed.map(({ id, uri }) => ({
    ...{ kind, uri: uri as types.RtpHeaderExtensionUri, preferredId: id, preferredEncrypt: false },
    direction: 'recvonly' as const,
  }));
  if (kind === 'audio' || outlet.mapping.rtx === undefined) return { codecs: [main], headerExtensions };
  const rtx: types.RtpCodecCapability = {
    ...{ kind, mimeType: 'video/rtx', clockRate: 90_000, preferredPayloadType: outlet.mapping.rtx },
    ...{ parameters: { apt: codec.payloadType }, rtcpFeedback: [] },
  };
  return { codecs: [main, rtx], headerExtensions };
}

/** The router's extensions of a kind, with the ids that mediasoup writes into packets. */
function routerExtensions(outlet: Outlet, kind: 'audio' | 'video'): HeaderExtension[] {
  return (outlet.router.rtpCapabilities.headerExtensions ?? [])
    .filter((each) => each.kind === kind)
    .map((each) => ({ id: each.preferredId, uri: each.uri }));
}

async function openData(transport: types.WebRtcTransport, outlet: Outlet): Promise<SessionData> {
  // mediasoup hands out stream ids in the order of these calls, before it first waits.
  const opening = LANE_CHANNELS.map(async ({ lane, id, ...reliability }) => {
    const dataProducerId = outlet.lane(lane).id;
    const consumer = await transport.consumeData({ dataProducerId, ...reliability });
    if (consumer.sctpStreamParameters?.streamId !== id) {
      throw new BarrageError(
        'INTERNAL',
        `lane ${lane} got stream ${consumer.sctpStreamParameters?.streamId}`,
      );
    }
    return [lane, consumer] as const;
  });
  const producing = transport.produceData({ sctpStreamParameters: { streamId: UPSTREAM_ID, ordered: true } });
  const [lanes, producer] = await Promise.all([Promise.all(opening), producing]);
  const upstream = await outlet.direct.consumeData({ dataProducerId: producer.id });
  return { lanes: new Map(lanes), upstream };
}

/** Opens or shuts the lanes for broadcasts; frames sent to the session alone pass in either case. */
export async function setLanesOpen(data: SessionData, open: boolean): Promise<void> {
  const consumers = [...data.lanes.values()];
  await Promise.all(consumers.map((each) => each.setSubchannels(open ? [BROADCAST_SUBCHANNEL] : [])));
}

/** What the answer says of the consumer of a section. */
export function describeConsumer(media: SessionMedia, section: OfferedMedia, offer: SdpOffer): AnswerMedia {
  const consumer = media.consumers.get(section.mid);
  if (!consumer) throw new BarrageError('INTERNAL', `no consumer for mid ${section.mid}`);
  const { codecs, encodings } = consumer.rtpParameters;
  const main = codecs[0];
  const encoding = encodings?.[0];
  if (!main || encoding?.ssrc === undefined)
    throw new BarrageError('INTERNAL', 'consumer without codec or SSRC');
  return {
    payloadType: main.payloadType,
    rtxPayloadType: codecs.find((codec) => codec.mimeType.toLowerCase() === 'video/rtx')?.payloadType,
    ssrc: encoding.ssrc,
    rtxSsrc: encoding.rtx?.ssrc,
    feedback: (main.rtcpFeedback ?? []).map((fb) => ({ type: fb.type, parameter: fb.parameter ?? '' })),
    clockOffset: media.outlet.clockOffset(section.kind),
    extensions: agreeExtensions(section, offer, routerExtensions(media.outlet, section.kind)),
  };
}

/** Our side of ICE; `parameters` are the new ones after a restart. */
export function describeIce(
  transport: types.WebRtcTransport,
  parameters: types.IceParameters = transport.iceParameters,
): IceAnswer {
  const candidates = transport.iceCandidates.map(({ foundation, priority, address, port, protocol }) => ({
    ...{ foundation, priority, address, port, protocol },
  }));
  return { ufrag: parameters.usernameFragment, password: parameters.password, candidates };
}
