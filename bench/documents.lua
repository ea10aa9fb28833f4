-- Requests for wrk: documents about places, each time about another one. Arguments: what the
-- paths begin with, how many places there are, the media type to accept.
local prefix, places, accept, count, thread_id = "", 0, "", 0, 0

function setup(thread)
  thread_id = thread_id + 1
  thread:set("thread_id", thread_id)
end

function init(arguments)
  prefix, places, accept = arguments[1], tonumber(arguments[2]), arguments[3]
  -- Other rounds ask for other things, so that nothing kept can answer them.
  count = os.time() % 100000 * 1000
end

function request()
  count = count + 1
  local place = (count * 7919 + thread_id * 31) % places
  return wrk.format("GET", prefix .. place, { ["Accept"] = accept })
end
