// What the page knows of the simulated Discord, and how it asks for more.

export const state = {
  viewer: "", bot: "", people: [], places: { channels: [], events: [], users: {}, roles: {}, members: [], server: "" },
  commands: { server: [], direct: [], moderator: [] }, history: {}, current: "", welcome: null,
  clock: { now: Date.now() / 1000, speed: 1, is_shown: false, received: Date.now() },
};

/** Return the simulated time in seconds since 1970. */
export function now() {
  const { now: then, speed, received } = state.clock;
  return then + ((Date.now() - received) / 1000) * Math.max(speed, 0);
}

export const channelOf = (id) => state.places.channels.find((each) => each.id === id);

/** Return the commands that can be used in the channel that is shown. */
export function commandsHere() {
  return state.commands[channelOf(state.current)?.kind === "direct" ? "direct" : "server"];
}

/** Ask the server to do something as the person who is viewing; return its reply, in which `error` may be. */
export async function act(kind, body = {}) {
  try {
    const response = await fetch("/action", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ kind, viewer: state.viewer, channel: state.current, ...body }),
    });
    if (!response.ok) return { error: "The page and the bot no longer understand each other. Reload the page." };
    return await response.json();
  } catch {
    return { error: "The bot doesn't answer. Is `marquee try` still running?" };
  }
}
