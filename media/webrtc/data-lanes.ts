// The three data channels of a session: ids and reliability, as both sides must open them.

/** A lane of the room's interaction: value is never lost, chat may be late, pulse carries the last total. */
export type DataLane = 'value' | 'chat' | 'pulse';

/** How a lane's messages travel down. */
export interface LaneChannel {
  readonly lane: DataLane;
  /** SCTP stream and data channel id; mediasoup hands them out in this order, and the session checks it. */
  readonly id: number;
  readonly ordered: boolean;
  readonly maxPacketLifeTime?: number;
  readonly maxRetransmits?: number;
}

/**
 * Clients open these with `negotiated: true`: mediasoup has no in-band opening (RFC 8832). Chat is sent
 * unordered, since mediasoup ties a packet lifetime to that: its frames carry offsets.
 */
export const LANE_CHANNELS: readonly LaneChannel[] = [
  { lane: 'value', id: 0, ordered: true },
  { lane: 'chat', id: 1, ordered: false, maxPacketLifeTime: 1500 },
  { lane: 'pulse', id: 2, ordered: false, maxRetransmits: 0 },
];

/** The stream on which a client's own messages arrive: the `value` channel, upwards. */
export const UPSTREAM_ID = 0;

/** Longest message either way, bytes. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

/** Bytes a session may have waiting in SCTP before it counts as too slow. */
export const SEND_BUFFER_BYTES = 1024 * 1024;

/** The subchannel of mediasoup that broadcasts go to: a session hears it once its lanes are resumed. */
export const BROADCAST_SUBCHANNEL = 1;
