// What a viewer chose, kept in the browser between visits. Nothing here leaves the browser.
import { DANMAKU_MODES, DANMAKU_SIZES } from '../../../server/protocol/wire.ts';
import type { DanmakuMode, DanmakuSize } from '../../sdk/index.ts';

export interface Preferences {
  readonly danmaku: boolean;
  /** 0.2 to 1. */
  readonly opacity: number;
  readonly mode: DanmakuMode;
  readonly size: DanmakuSize;
  /** `#rrggbb` */
  readonly color: string;
  /** 0 to 1. */
  readonly volume: number;
}

const KEY = 'barrage.watch';
const DEFAULTS: Preferences = {
  danmaku: true,
  opacity: 1,
  mode: 'scroll',
  size: 'normal',
  color: '#ffffff',
  volume: 1,
};

/** The kept preferences; defaults for what is missing or unusable. */
export function loadPreferences(): Preferences {
  const kept = readKept();
  return {
    danmaku: typeof kept.danmaku === 'boolean' ? kept.danmaku : DEFAULTS.danmaku,
    opacity: within(kept.opacity, 0.2, 1) ?? DEFAULTS.opacity,
    mode: DANMAKU_MODES.find((mode) => mode === kept.mode) ?? DEFAULTS.mode,
    size: DANMAKU_SIZES.find((size) => size === kept.size) ?? DEFAULTS.size,
    color: /^#[0-9a-f]{6}$/i.test(String(kept.color)) ? String(kept.color) : DEFAULTS.color,
    volume: within(kept.volume, 0, 1) ?? DEFAULTS.volume,
  };
}

/** Keeps some preferences beside the others. */
export function savePreferences(changed: Partial<Preferences>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...loadPreferences(), ...changed }));
  } catch {
    // Private windows may have no storage: the choice then lasts as long as the page.
  }
}

function readKept(): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function within(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && value >= min && value <= max ? value : undefined;
}
