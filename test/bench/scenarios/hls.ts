// The HLS scenario as a user runs it, made tiny: a real server, a real publisher, and nginx where it is installed.
import t from 'tap';
import type { MeasurementGroup } from '../../../bench/measurement.ts';
import { findProgram } from '../../../bench/rivals/rival.ts';
import { BARRAGE } from '../../../bench/scenario.ts';
import { hls } from '../../../bench/scenarios/hls.ts';

const TINY = { size: '320x180', kbps: '300', players: '4', connections: '4', seconds: '1', readers: '3' };

async function measure(subject: string, options: Record<string, string>): Promise<MeasurementGroup[]> {
  const groups: MeasurementGroup[] = [];
  await hls.run({
    ...{ subject, quick: true, signal: new AbortController().signal, options: { ...TINY, ...options } },
    ...{ progress: () => undefined, noteVersion: () => undefined },
    report: (group) => groups.push(group),
  });
  return groups;
}

function figures(group: MeasurementGroup | undefined): Record<string, number> {
  const all = group?.measurements ?? [];
  return Object.fromEntries(all.flatMap((one) => (one.kind === 'figure' ? [[one.key, one.value]] : [])));
}

t.test('Barrage serves players, plain requests and slow readers, each with what it costs', async (t) => {
  const groups = await measure(BARRAGE, { parts: 'players,segment,slow-readers' });
  t.same(
    groups.map(({ key }) => key),
    ['players', 'segment', 'slow-readers'],
  );
  const [players, segment, slow] = groups.map(figures);
  t.match(players, { errors: 0, timeouts: 0, missed: 0, absent: 0 });
  t.ok((players?.['perCore'] ?? 0) > 0);
  t.match(segment, { errors: 0, timeouts: 0 });
  t.ok((segment?.['perCore'] ?? 0) > 0 && (segment?.['mbpsPerCore'] ?? 0) > 0);
  t.type(slow?.['perReader'], 'number');
  for (const { generator, key } of groups.slice(0, 2))
    t.ok(generator, `${key} says how busy the generator was`);
});

t.test('nginx serves a copy of the same files', { skip: !findProgram('nginx') }, async (t) => {
  const groups = await measure('nginx', { parts: 'players,playlist' });
  t.same(
    groups.map(({ key }) => key),
    ['playlist'],
    'players need a live stream',
  );
  for (const group of groups) {
    t.match(figures(group), { errors: 0, timeouts: 0 });
    t.ok((figures(group)['perCore'] ?? 0) > 0);
  }
});

t.test('options that make no sense are named', async (t) => {
  const table: [options: Record<string, string>, message: RegExp][] = [
    [{ parts: 'players,websites' }, /--parts takes players, playlist.*"websites"/],
    [{ players: '0' }, /--players takes a whole number from 1 to 10000, not "0"/],
    [{ size: 'large' }, /--size takes WIDTHxHEIGHT/],
    [{ 'limit-ms': '-1' }, /--limit-ms takes a number above 0/],
  ];
  for (const [options, message] of table) t.throws(() => hls.checkOptions(options), { message });
});

t.test('a target without a stream is said before anything is measured', async (t) => {
  await t.rejects(measure(BARRAGE, { target: 'http://127.0.0.1:9' }), {
    message: /nothing to play at http:\/\/127\.0\.0\.1:9\/live\/demo\/index\.m3u8/,
  });
});
