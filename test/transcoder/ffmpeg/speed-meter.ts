// Speed from made-up times.
import t from 'tap';
import { SpeedMeter } from '../../../transcoder/ffmpeg/speed-meter.ts';

t.test('real time is 1, half of it 0.5', async (t) => {
  for (const speed of [1, 0.5, 2]) {
    const meter = new SpeedMeter();
    for (let ms = 0; ms <= 20_000; ms += 20) meter.add(ms * 1000 * speed, ms);
    t.ok(Math.abs(meter.speedAt(20_000) - speed) < 0.02, `${meter.speedAt(20_000)}`);
  }
});

t.test('says nothing before there is something to say', async (t) => {
  const meter = new SpeedMeter();
  t.equal(meter.speedAt(0), 0);
  meter.add(0, 0);
  t.equal(meter.speedAt(10), 0);
});

t.test('falls when nothing comes any more, and late renditions do not pull it back', async (t) => {
  const meter = new SpeedMeter();
  for (let ms = 0; ms <= 5000; ms += 20) {
    meter.add(ms * 1000, ms);
    meter.add(ms * 1000 - 40_000, ms);
  }
  t.ok(meter.speedAt(5000) > 0.98);
  t.ok(meter.speedAt(10_000) < 0.6);
});
