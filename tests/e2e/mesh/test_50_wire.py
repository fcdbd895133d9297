"""What goes over the wire between the nodes, read packet by packet. That the same workload is read without encryption: test_66."""
from marked import markers, speak
from wire import watched

NO_SERVE = "import ray; from ray import serve; ray.init(logging_level='ERROR'); serve.shutdown()"


def test_no_text_is_read_on_the_wire(lab, cluster):
    """The last of the run: the workload brings its own Serve."""
    head = lab.pods(cluster, "head")[0]
    far = next(p["status"]["podIP"] for p in lab.pods(cluster, "worker") if p["spec"]["nodeName"] != head["spec"]["nodeName"])
    lab.python(head["metadata"]["name"], NO_SERVE)
    texts = markers()
    with watched(lab, *texts.values()) as said:
        speak(lab, head["metadata"]["name"], texts, far=f"node:{far}")
    print(f"{said['frames']} frames, {said['bytes'] / 1e6:.1f} MB, {said['dropped']} dropped")
    assert said["dropped"] == 0 and said["bytes"] > 13_000_000, "the object alone is longer"
    assert not any(said["seen"][text] for text in texts.values()), said["seen"]
