// Danmaku in: how many a server accepts per core when its senders never wait for anything but the reply, how long
// one takes to be answered at half of that, and what its dispatch takes by the server's own count.
import type { Measurement, MeasurementGroup } from '../../measurement.ts';
import { figureOf } from '../../measurement.ts';
import { DispatchTimes } from './dispatch-times.ts';
import { loadGroup } from './fanout-figures.ts';
import type { FanoutLoad, LoadOutcome } from './fanout-load.ts';
import type { FanoutServer } from './fanout-server.ts';

/** Below the 16 that a session may have under way. */
const WINDOW = 8;
const WARM_UP_S = 0.5;
const METHOD = 'danmaku.send';

export interface CommandStageOptions {
  readonly senders: number;
  readonly seconds: number;
  readonly textChars: number;
}

/** Measures; viewers are best gone by then. */
export async function measureCommands(
  server: FanoutServer,
  load: FanoutLoad,
  { senders, seconds, textChars }: CommandStageOptions,
): Promise<MeasurementGroup[]> {
  await load.joinSenders(senders);
  await load.saturate({ window: WINDOW, seconds: WARM_UP_S, textChars });
  const full = await load.saturate({ window: WINDOW, seconds, textChars });
  const before = await readDispatch(server);
  const perSecond = Math.max(1, Math.round(full.sent.accepted / full.sent.seconds / 2));
  const half = await load.pace({ perSecond, seconds, textChars });
  const dispatch = (await readDispatch(server))?.since(before);
  const accepted = figureOf({
    ...{ key: 'accepted-per-core', title: 'danmaku accepted a second per busy core', unit: '1/s' },
    ...{ better: 'higher', value: full.sent.accepted / full.serverCpuSeconds },
  });
  return [
    commandGroup('commands', full, {
      title: `${senders} senders, each with ${WINDOW} danmaku under way`,
      more: Number.isFinite(accepted.value) ? [accepted] : [],
    }),
    commandGroup('commands-half', half, {
      title: `${perSecond} danmaku a second, half of what was accepted`,
      more: dispatch?.measurements ?? [],
    }),
  ];
}

function commandGroup(
  key: string,
  outcome: LoadOutcome,
  { title, more }: { readonly title: string; readonly more: readonly Measurement[] },
): MeasurementGroup {
  const { offered, accepted, refused, unanswered } = outcome.sent;
  const codes = Object.entries(refused).map(([code, count]) => `${count} ${code}`);
  const group = loadGroup(outcome, {
    key,
    title,
    notes: [
      `${offered} offered, ${accepted} accepted, refused: ${codes.join(', ') || 'none'}, ${unanswered} unanswered. Only the senders receive.`,
    ],
  });
  const wanted = ['round-trip', 'peak-memory'];
  return {
    ...group,
    measurements: [...more, ...group.measurements.filter((one) => wanted.includes(one.key))],
  };
}

async function readDispatch({ origin }: FanoutServer): Promise<DispatchTimes | undefined> {
  return origin === undefined ? undefined : DispatchTimes.read(origin, METHOD);
}
