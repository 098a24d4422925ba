// The process of viewers of the `sfu` scenario: joins, measures, leaves as the bench tells it.
import { connectJanus } from '../../rivals/sfu/janus-viewer.ts';
import { serveGenerator } from '../load/generator-host.ts';
import { endNativeViewers, NativeViewer } from '../native-viewer.ts';
import { type JoinOutcome, type JoinPlan, SfuCrowd, type WindowOutcome } from './sfu-crowd.ts';
import type { SfuConnection, SfuEars } from './sfu-viewer.ts';

/** How a viewer joins: `whep` takes WHEP URLs as places, `janus` WebSocket URLs with the mountpoint as hash. */
export type SfuProtocol = 'whep' | 'janus';

export type SfuMethods = {
  readonly join: (plan: JoinPlan & { readonly protocol: SfuProtocol }) => Promise<JoinOutcome>;
  readonly shrink: (wanted: { readonly size: number }) => Promise<void>;
  readonly startWindow: () => void;
  readonly endWindow: () => WindowOutcome;
};

const CONNECT = { whep: connectWhep, janus: connectJanus } as const satisfies Record<
  SfuProtocol,
  (place: string, ears: SfuEars) => Promise<SfuConnection>
>;

let protocol: SfuProtocol = 'whep';
const crowd = new SfuCrowd((place, ears) => CONNECT[protocol](place, ears));

serveGenerator(
  {
    join: (plan) => {
      protocol = plan.protocol;
      return crowd.join(plan);
    },
    shrink: ({ size }) => crowd.shrink(size),
    startWindow: () => crowd.startWindow(),
    endWindow: () => crowd.endWindow(),
  } satisfies SfuMethods,
  async () => {
    await crowd.shrink(0);
    endNativeViewers();
  },
);

function connectWhep(url: string, ears: SfuEars): Promise<SfuConnection> {
  return NativeViewer.join(url, { sound: false, onPacket: ears.onPacket, onPost: ears.onAsk });
}
