// Media playlists against the rules of RFC 8216, table by table.
import t from 'tap';
import { buildMediaPlaylist } from '../../../transcoder/hls/playlist.ts';
import type { GapSegment, MediaSegment } from '../../../transcoder/hls/segment.ts';

const START_US = Date.UTC(2026, 10, 23, 12, 0, 0) * 1000;
const EMPTY = Buffer.alloc(0);

function media(sequence: number, changes: Partial<MediaSegment> = {}): MediaSegment {
  return {
    ...{ kind: 'media', sequence, era: 0, discontinuities: 0, startUs: START_US + sequence * 2_000_000 },
    ...{
      initName: 'init-e-0.mp4',
      name: `e-${sequence}.m4s`,
      durationUs: 2_000_000,
      parts: [],
      bytes: EMPTY,
    },
    ...{ byteLength: 1000, samples: 60, independent: true, ...changes },
  };
}

function gap(sequence: number): GapSegment {
  const { parts, bytes, byteLength, samples, independent, ...place } = media(sequence);
  return { ...place, kind: 'gap' };
}

t.test('a plain playlist reads as the RFC writes one', async (t) => {
  const text = buildMediaPlaylist({ targetDurationS: 2, segments: [media(7), media(8)], ended: false });
  t.equal(
    text,
    [
      '#EXTM3U',
      '#EXT-X-VERSION:6',
      '#EXT-X-TARGETDURATION:2',
      '#EXT-X-MEDIA-SEQUENCE:7',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MAP:URI="init-e-0.mp4"',
      '#EXT-X-PROGRAM-DATE-TIME:2026-11-23T12:00:14.000Z',
      '#EXTINF:2.000000,',
      'e-7.m4s',
      '#EXT-X-PROGRAM-DATE-TIME:2026-11-23T12:00:16.000Z',
      '#EXTINF:2.000000,',
      'e-8.m4s',
      '',
    ].join('\n'),
  );
});

const TABLE: {
  name: string;
  segments: (MediaSegment | GapSegment)[];
  ended?: boolean;
  has: (string | RegExp)[];
  lacks?: (string | RegExp)[];
}[] = [
  {
    name: 'a finished stream has its end (4.3.3.4)',
    segments: [media(0)],
    ended: true,
    has: [/\n#EXT-X-ENDLIST\n$/],
  },
  { name: 'a live one has none', segments: [media(0)], has: [], lacks: ['#EXT-X-ENDLIST'] },
  {
    name: 'a discontinuity stands before its segment, the map is repeated only when it changed (4.3.2.3, 4.3.2.5)',
    segments: [
      media(0),
      media(1, { era: 1, discontinuities: 1, initName: 'init-e-1.mp4' }),
      media(2, { era: 1, initName: 'init-e-1.mp4' }),
    ],
    has: [/e-0\.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="init-e-1\.mp4"\n#EXT-X-PROGRAM-DATE-TIME/],
    lacks: ['DISCONTINUITY-SEQUENCE', /init-e-1[\s\S]*init-e-1/],
  },
  {
    name: 'a discontinuity without a new header has no map',
    segments: [media(0), media(1, { era: 1, discontinuities: 1 })],
    has: [/#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME/],
  },
  {
    name: 'the discontinuity sequence counts the discontinuities that left the list (4.3.3.3)',
    segments: [media(4, { era: 3 }), media(5, { era: 4, discontinuities: 1 })],
    has: ['#EXT-X-DISCONTINUITY-SEQUENCE:3\n'],
  },
  {
    name: 'a discontinuity whose segment is still listed has not left it',
    segments: [media(4, { era: 3, discontinuities: 1 })],
    has: ['#EXT-X-DISCONTINUITY-SEQUENCE:2\n', '#EXT-X-DISCONTINUITY\n'],
  },
  {
    name: 'two discontinuities at once count twice',
    segments: [media(0), media(1, { era: 2, discontinuities: 2 })],
    has: ['#EXT-X-DISCONTINUITY\n#EXT-X-DISCONTINUITY\n'],
  },
  {
    name: 'missing media is a gap with a duration and a date (8216bis 4.4.4.7)',
    segments: [media(0), gap(1), media(2)],
    has: [
      /#EXT-X-PROGRAM-DATE-TIME:[^\n]+\n#EXT-X-GAP\n#EXTINF:2\.000000,\ne-1\.m4s\n/,
      'INDEPENDENT-SEGMENTS',
    ],
  },
  {
    name: 'a segment without a key frame at its start takes the promise of independent segments away',
    segments: [media(0), media(1, { independent: false })],
    has: [],
    lacks: ['INDEPENDENT-SEGMENTS'],
  },
];

for (const { name, segments, ended = false, has, lacks = [] } of TABLE) {
  t.test(name, async (t) => {
    const text = buildMediaPlaylist({ targetDurationS: 2, segments, ended });
    for (const each of has)
      t.ok(typeof each === 'string' ? text.includes(each) : each.test(text), String(each));
    for (const each of lacks) {
      t.notOk(typeof each === 'string' ? text.includes(each) : each.test(text), `not ${each}`);
    }
  });
}
