// For the simulation: where the GCS keeps its state, with a history of who wrote. Redis with the
// lease of redis/fence.h as the brief of the road describes it, or a volume that is attached to one
// node. The store judges writes exactly as the real one would; the history is checked by the test.
#pragma once

#include <optional>
#include <string>

namespace raykeep::decide::simulated {

/// A head's process, wherever it runs: what its agent knows of its own lease.
struct Writer {
  int pod = 0;  // the uid of its pod
  int node = 0;
  int epoch = 0;         // 0: it never had the lease
  int lease_until = -1;  // on its own clock, counted from when it asked: it cuts itself off then
  bool fenced = false;
};

class Redis {
 public:
  static constexpr int ttl = 10;
  static constexpr int margin = 2;

  /// One second of a head's agent that reaches the store: take or renew the lease.
  void keep_lease(Writer& writer, int now) {
    if (lease_pod_ != 0 && lease_until_ <= now) lease_pod_ = 0;
    const bool mine = lease_pod_ == writer.pod && epoch_ == writer.epoch && epoch_ != 0;
    const bool lapsed_mine = lease_pod_ == 0 && writer.epoch != 0 && epoch_ == writer.epoch;
    const bool nothing_left = lease_pod_ == 0 && epoch_ == 0;
    if (writer.epoch != 0 && !mine && !lapsed_mine && !nothing_left) {
      writer.fenced = true;
      return;
    }
    if (lease_pod_ != 0 && lease_pod_ != writer.pod) return;  // another's: wait
    if (!mine && !lapsed_mine) writer.epoch = epoch_ = ++last_epoch_;
    lease_pod_ = writer.pod;
    lease_until_ = now + ttl;
    writer.lease_until = now + ttl - margin;
  }

  /// A write that the head sends: refused by itself, by the store, or applied.
  bool write(const Writer& writer, int now) {
    if (writer.fenced || writer.epoch == 0 || now >= writer.lease_until) return false;
    return apply(writer, now);
  }

  /// The same for a write that was on its way when its sender froze: only the store judges.
  bool apply(const Writer& writer, int now) {
    if (epoch_ == 0 || epoch_ != writer.epoch) return false;
    if (lease_pod_ != 0 && lease_until_ > now && lease_pod_ != writer.pod) return false;
    if (writer.epoch < newest_written_) broken_ = "a write of an old epoch after one of a newer";
    if (writer.epoch == newest_written_ && writer.pod != newest_writer_)
      broken_ = "two heads wrote in one epoch";
    newest_written_ = writer.epoch;
    newest_writer_ = writer.pod;
    return true;
  }

  int holder(int now) const { return lease_pod_ != 0 && lease_until_ > now ? lease_pod_ : 0; }
  bool epoch_known() const { return epoch_ != 0; }
  void lose_data() { epoch_ = lease_pod_ = 0; }
  const char* broken() const { return broken_; }

 private:
  int epoch_ = 0;
  int last_epoch_ = 0;
  int lease_pod_ = 0;
  int lease_until_ = 0;
  int newest_written_ = 0;
  int newest_writer_ = 0;
  const char* broken_ = nullptr;
};

/// A volume that Kubernetes attaches to one node at a time, and whose detaching cuts that node off.
class Volume {
 public:
  static constexpr int force_detach = 360;  // kube-controller-manager's maxWaitForUnmountDuration

  /// One second of the attach/detach controller. `wanted`: the node of the pod that needs it now
  /// (-1: none); `unmounted`: the node that has it confirms that nothing there uses it.
  void attend(int wanted, bool unmounted, int now) {
    if (node_ == wanted || node_ == -1) {
      node_ = wanted == -1 ? node_ : wanted;
      unwanted_since_ = -1;
      return;
    }
    if (wanted == -1) return;
    if (unwanted_since_ == -1) unwanted_since_ = now;
    if (unmounted || now - unwanted_since_ >= force_detach) node_ = wanted;
  }

  bool write(const Writer& writer, int now) {
    if (node_ != writer.node) return false;
    if (now == written_at_ && writer.pod != writer_) broken_ = "two heads wrote to one volume";
    written_at_ = now;
    writer_ = writer.pod;
    return true;
  }

  int node() const { return node_; }
  const char* broken() const { return broken_; }

 private:
  int node_ = -1;
  int unwanted_since_ = -1;
  int written_at_ = -1;
  int writer_ = 0;
  const char* broken_ = nullptr;
};

}  // namespace raykeep::decide::simulated
