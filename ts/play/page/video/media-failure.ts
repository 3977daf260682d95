/** A sentence for what a player library has given up with. */
export function mediaFailure(player: string, reason: string): string {
  return `${player} cannot go on (${reason}): try again, or choose another player.`;
}
