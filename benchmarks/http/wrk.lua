-- Sends the requests of a file, in random order, each as often as any other, and reports as one line of JSON.
-- Arguments: the file, a seed. A line of the file: method, target and body, separated by tabs.

local requests = {}

function init(arguments)
  math.randomseed(tonumber(arguments[2]))
  for line in io.lines(arguments[1]) do
    local method, target, body = line:match("^(%u+)\t([^\t]+)\t(.*)$")
    local headers = { accept = "application/json" }
    if method == "POST" then
      headers["content-type"] = "application/json"
    end
    requests[#requests + 1] = wrk.format(method, target, headers, body ~= "" and body or nil)
  end
end

function request()
  if #requests == 1 then
    return requests[1]
  end
  return requests[math.random(#requests)]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\nreport {"requests":%d,"seconds":%.6f,"p50":%.6f,"p99":%.6f,"p999":%.6f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    latency:percentile(99.9) / 1e3, errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
