// The settings over the picture: transport and quality.
import type { Level, Player, TransportChoice } from '../../../sdk/index.ts';
import { renderChoice } from './choice.ts';
import { createDisclosure } from './disclosure.ts';
import { requireElement } from './element.ts';

const TRANSPORTS: readonly { value: TransportChoice; label: string }[] = [
  { value: 'auto', label: 'Auto' },
  { value: 'webrtc', label: 'WebRTC' },
  { value: 'hls', label: 'HLS' },
];

/** Wires the panel to the player. */
export function createSettingsPanel(player: Player): void {
  createDisclosure(requireElement('settings-button', HTMLElement), requireElement('settings', HTMLElement));
  renderChoice(requireElement('transports', HTMLElement), {
    name: 'transport',
    options: TRANSPORTS,
    selected: player.transportChoice,
    onChange: (value) => player.chooseTransport(value as TransportChoice),
  });
  let level: number | null = null;
  const render = () => {
    renderQualities(player);
    showNow(player, level);
  };
  player.on('levels', () => {
    level = null;
    render();
  });
  player.on('level', (index) => {
    level = index;
    showNow(player, level);
  });
  player.on('state', () => showNow(player, level));
  render();
}

function renderQualities(player: Player): void {
  const container = requireElement('qualities', HTMLElement);
  const levels = player.levels.toReversed();
  renderChoice(container, {
    name: 'quality',
    options: [
      { value: 'auto', label: 'Auto' },
      ...levels.map(({ height, name }) => ({ value: String(height), label: name })),
    ],
    selected: selectedQuality(player, levels),
    onChange: (value) =>
      player.chooseQuality(value === 'auto' ? { kind: 'auto' } : { kind: 'height', height: Number(value) }),
  });
}

/** The choice may be a height that this transport does not have: nothing is marked then. */
function selectedQuality(player: Player, levels: readonly Level[]): string {
  const { quality } = player;
  if (quality.kind === 'auto' || levels.length === 0) return 'auto';
  return String(quality.height);
}

function showNow(player: Player, level: number | null): void {
  const shown = player.levels.find(({ index }) => index === level)?.name;
  const transport = player.transport === 'webrtc' ? 'WebRTC' : 'HLS';
  const parts = player.state.status === 'idle' ? ['Auto'] : [transport, ...(shown ? [shown] : [])];
  requireElement('quality-now', HTMLElement).textContent = parts.join(' ');
}
