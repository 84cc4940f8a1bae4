/** The key that makes letters into commands, as keyboards here write it. */
export const MOD = /Mac|iPhone|iPad/.test(window.navigator.userAgent) ? "⌘" : "Ctrl";
