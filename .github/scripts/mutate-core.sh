#!/usr/bin/env bash
# Breaks the core on purpose, one place at a time, in a copy, and shows that the simulation notices
# each within SEEDS worlds (3000 unless told). Fails when a mutant survives, or when a mutation no
# longer finds its place. Arguments select mutations by name; with --places as the only one nothing is
# built, and it is only checked that each mutation finds its place.
set -euo pipefail
cd "$(dirname "$0")/../.."

places_only=false
if [ "${1:-}" = --places ]; then
    places_only=true
    shift
fi
seeds=${1:-3000}
[[ "$seeds" =~ ^[0-9]+$ ]] && shift $(($# > 0 ? 1 : 0)) || seeds=3000
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r CMakeLists.txt native test "$copy"

build() {
    cmake -S "$copy" -B "$copy/build" -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null &&
        cmake --build "$copy/build" --parallel "$(getconf _NPROCESSORS_ONLN)" \
            --target kvs_simulation >"$copy/log" 2>&1 || { tail -n 20 "$copy/log" >&2; return 1; }
}

# NAME|FILE|WHAT IT BREAKS|SED EXPRESSION
mutations=$(cat <<'END'
rewind|session/replay.c|what a lost session sent is not sent again|s/stream->rewind = start < stream->rewind ? start : stream->rewind;//
half-fragment|stream/retention.c|a fragment is dropped while it is being sent|s/bool has_bytes = .*/bool has_bytes = true;/; s/if (has_bytes \&\& !is_being_sent(stream, start, end)) {/if (has_bytes \&\& end > start) {/
overlap|stream/fragment.c|fragments may overlap in time (error 4004)|s/if (!has_floor || placement->timecode > floor) {/if (!has_floor || placement->timecode > floor - 2000) {/
tags-twice|stream/metadata.c|metadata is sent with two fragments|s/bool stays = !all \&\& (!is_due(stream, item->after) ||/bool stays = !all \&\& (true ||/
tags-lost|stream/metadata.c|the last item of metadata is forgotten|s/^    return count;$/    return count > 1 ? count - 1 : count;/
no-header|session/read.c|a session has no header|s/add_piece(pieces, session->header, 0, len);/add_piece(pieces, session->header, 0, 0);/
old-format|session/read.c|a new format begins no session|s/item->format != session->format ||/false ||/
silent-drop|stream/events.c|dropped frames are not counted|s/stream->counters.frames_dropped\[report->reason\] += report->frames;//
leak|stream/retention.c|the store is not given back|s/kvs__store_release_in(stream->client, run, &place, item->len);/(void)place, (void)run;/
asleep|stream/small.h|a reader is not woken|s/stream->signals |= KVS_SIGNAL_DATA;//
resent|stream/retention.c|what is stored is sent again|s/first->flags |= KVS_ITEM_PERSISTED;/first->owner = 0;/
order|order/order.c|frames of several tracks come out in the wrong order|s/key < lowest ||/key > lowest ||/
relative|session/read.c|relative timecodes count from the epoch|s/(uint64_t)(item->fragment_timecode - session->base_timecode)/(uint64_t)item->fragment_timecode/
key-flag|mkv/block.h|key frames are not marked|s/(flags & KVS_BLOCK_KEY) << 7 |/0u |/
undeclared|session/read.c|a header leaves out the last track (error 4010)|s/header->track_count++\] = format->tracks\[i\];/header->track_count] = format->tracks[i]; header->track_count += i + 1 < count ? 1 : 0;/
presumed|session/replay.c|RECEIVED is enough though the service died|s/kvs_service_result_host_is_alive(result);/result != 0;/
open-dropped|session/replay.c|the fragment being put is dropped with its session|s/kvs__fragment_grows(stream, start) ||/false ||/
END
)

selected=" $* "
if [ $places_only = false ]; then
    build
    "$copy/build/kvs_simulation" --seeds 0 300 >/dev/null || { echo "the core fails as it is" >&2; exit 1; }
fi
killed=0 survived=0
while IFS='|' read -r name file what expression; do
    [[ $# -eq 0 || $selected == *" $name "* ]] || continue
    source="$copy/native/src/$file"
    cp "$source" "$copy/original"
    sed -i "$expression" "$source"
    if cmp -s "$source" "$copy/original"; then
        echo "$name: finds no place in $file any more" >&2
        survived=$((survived + 1))
        continue
    fi
    if [ $places_only = true ]; then
        cp "$copy/original" "$source"
        continue
    fi
    if ! build; then
        echo "$name: does not compile" >&2
        survived=$((survived + 1))
    elif output=$(timeout 300 "$copy/build/kvs_simulation" --seeds 0 "$seeds" 2>&1); then
        echo "$name: SURVIVED $seeds seeds ($what)" >&2
        survived=$((survived + 1))
    else
        echo "$name: killed ($what): $(tail -n 2 <<<"$output" | head -n 1 | cut -c1-110)"
        killed=$((killed + 1))
    fi
    cp "$copy/original" "$source"
done <<<"$mutations"
[ $places_only = true ] || echo "$killed mutants killed, $survived not"
[ "$survived" -eq 0 ]
