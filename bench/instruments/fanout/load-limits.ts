// When a fan-out load is too much: anything lost, left out or refused, or danmaku too late.
import type { LoadOutcome } from './fanout-load.ts';

/** The p99 of danmaku, intended send time to reception, above which viewers notice, ms. */
export const CHAT_P99_LIMIT_MS = 100;

/** The first limit that a load broke, as a reader would say it; undefined when all held. */
export function describeBroken({ sent, received, chat }: LoadOutcome): string | undefined {
  const refused = Object.entries(sent.refused).map(([code, count]) => `${count} refused (${code})`);
  const lost = Object.entries(received.disconnected).map(([why, count]) => `${count} viewers lost (${why})`);
  const p99 = chat.percentile(99);
  const broken = [
    ...refused,
    ...lost,
    ...(sent.cutOff > 0 ? [`${sent.cutOff} senders cut off`] : []),
    ...(sent.unanswered > 0 ? [`${sent.unanswered} unanswered`] : []),
    ...(received.missing > 0 ? [`${received.missing} events missing`] : []),
    ...(received.thinned > 0 ? [`${received.thinned} events thinned`] : []),
    ...(received.doubled > 0 ? [`${received.doubled} events twice`] : []),
    ...(p99 > CHAT_P99_LIMIT_MS ? [`p99 ${p99.toFixed(0)} ms above ${CHAT_P99_LIMIT_MS} ms`] : []),
    ...(Number.isNaN(p99) ? ['nothing arrived'] : []),
  ];
  return broken.length === 0 ? undefined : broken.join(', ');
}
