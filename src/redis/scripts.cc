#include "redis/scripts.h"

namespace raykeep::redis {

// The lease's text is "<token> <holder's name>", the token "<epoch>:<pod uid>:<random>".

const std::string_view acquire_script = R"lua(
local lease = redis.call('GET', ARGV[2])
if lease and string.match(lease, '^%d+:([^:]*):') ~= ARGV[4] then
  return {'held', lease, redis.call('PTTL', ARGV[2])}
end
local before = redis.call('GET', ARGV[1]) or lease or ''
local number = tonumber(string.match(before, '^(%d+):') or '0')
local token = string.format('%d', number + 1) .. ':' .. ARGV[4] .. ':' .. ARGV[5]
redis.call('SET', ARGV[1], token)
redis.call('SET', ARGV[2], token .. ' ' .. ARGV[6], 'PX', ARGV[7])
if number > 0 then redis.call('DEL', ARGV[3] .. string.format('%d', number)) end
return {'taken', token, number}
)lua";

const std::string_view renew_script = R"lua(
local owner = redis.call('GET', ARGV[1])
local lease = redis.call('GET', ARGV[2])
if lease and lease ~= ARGV[4] then return redis.error_reply('FENCED ' .. lease) end
if owner and owner ~= ARGV[3] then return redis.error_reply('FENCED ' .. owner) end
if not owner then redis.call('SET', ARGV[1], ARGV[3]) end
redis.call('SET', ARGV[2], ARGV[4], 'PX', ARGV[5])
return owner and 'renewed' or 'lost'
)lua";

const std::string_view release_script = R"lua(
if redis.call('GET', ARGV[1]) == ARGV[2] then return redis.call('DEL', ARGV[1]) end
return 0
)lua";

// Which errors pass must be known here as well as in is_passing(): a batch that failed so must not
// be recorded as done. They strike the first command or none: once a script has written, Redis lets
// it finish (scriptVerifyWriteCommandAllow in Redis' script.c). Commands with thousands of
// arguments are cut in pieces, for Lua's stack takes 8,000.
const std::string_view write_script = R"lua(
local owner = redis.call('GET', ARGV[1])
if owner ~= ARGV[3] then
  if owner then return redis.error_reply('FENCED ' .. owner) end
  return redis.error_reply('NOEPOCH the fence is gone from the store')
end
local seq = tonumber(ARGV[5])
local done = redis.call('HGET', ARGV[2], ARGV[4])
if done then
  local colon = string.find(done, ':', 1, true)
  local last = tonumber(string.sub(done, 1, colon - 1))
  if last == seq then return cmsgpack.unpack(string.sub(done, colon + 1)) end
  if last > seq then return redis.error_reply('STALE a later write took its place') end
end
local function in_pieces(from, count)
  local name = string.upper(ARGV[from])
  local head = (name == 'DEL' or name == 'UNLINK') and 1 or 2
  local total = 0
  for at = head, count - 1, 3000 do
    local piece = {unpack(ARGV, from, from + head - 1)}
    for i = at, math.min(at + 3000, count) - 1 do piece[#piece + 1] = ARGV[from + i] end
    local reply = redis.pcall(unpack(piece))
    if type(reply) ~= 'number' then return reply end
    total = total + reply
  end
  return total
end
local replies = {}
local at = 7
for n = 1, tonumber(ARGV[6]) do
  local count = tonumber(ARGV[at])
  local reply
  if count <= 4000 then
    reply = redis.pcall(unpack(ARGV, at + 1, at + count))
  else
    reply = in_pieces(at + 1, count)
  end
  if n == 1 and type(reply) == 'table' and reply.err then
    local passing = ' BUSY CLUSTERDOWN LOADING MASTERDOWN MISCONF NOREPLICAS OOM READONLY TRYAGAIN '
    -- Before Redis 7 an error begins with its place: "@user_script: 46: -OOM command not allowed".
    local placed = string.match(reply.err, '^@[^:]*: *%d+: *%-?(%u.*)')
    local err = placed or reply.err
    if string.find(passing, ' ' .. string.match(err, '^-?(%u*)') .. ' ', 1, true) then
      return placed and redis.error_reply(placed) or reply
    end
  end
  replies[n] = reply
  at = at + count + 1
end
redis.call('HSET', ARGV[2], ARGV[4], ARGV[5] .. ':' .. cmsgpack.pack(replies))
return replies
)lua";

}  // namespace raykeep::redis
