// PersistentVolumeClaims of a plan.
#pragma once

#include "plan/object.h"

namespace raykeep::plan {

/// Of the size, class and modes given. One that the document retains outlives the cluster: it gets
/// no owner, and `down` leaves it.
doc::Value volume_claim(const Input& input, const std::string& name, const spec::GcsVolume& volume);

/// The claim of the rocksdb backend and its mount: what Ray keeps the GCS' state on.
void add_rocksdb(const Input& input, doc::Object& container, doc::Object& pod_spec);

}  // namespace raykeep::plan
