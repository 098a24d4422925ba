// How busy the machine is, told with a core kept busy on purpose.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { measureBusyShare } from '../../bench/machine.ts';

t.test('a core kept busy shows in the share of the machine', async (t) => {
  const worker = new Worker('for (;;);', { eval: true });
  t.teardown(() => worker.terminate());
  await new Promise((resolve) => worker.once('online', resolve));
  const share = await measureBusyShare(500);
  t.ok(share > 0.5 / availableParallelism(), `${share}`);
  t.ok(share < 1.2, `${share}`);
});
