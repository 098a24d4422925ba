// Sends RTP packets of H.264 pictures, one slice and one packet each, when told so over IPC; answers when each
// left. Run in a network namespace by impaired-link.ts.
import { createSocket } from 'node:dgram';
import { monotonicUs } from '../../bench/instruments/fanout/monotonic.ts';
import type { Burst } from './impaired-link.ts';
import { pictureRtp } from './picture-rtp.ts';

const BURST = 50;
const PAUSE_MS = 5;
const [host = '', port = ''] = process.argv.slice(2);
const socket = createSocket('udp4');

process.on('message', async ({ count, first }: Burst) => {
  const leftAtUs: number[] = [];
  for (let index = 0; index < count; index++) {
    const packet = pictureRtp(first + index);
    await new Promise((resolve) => {
      leftAtUs.push(monotonicUs());
      socket.send(packet, Number(port), host, resolve);
    });
    if (index % BURST === BURST - 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  process.send?.(leftAtUs);
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
