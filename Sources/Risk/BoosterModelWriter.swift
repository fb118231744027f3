extension BoosterModel {
    /// The model in the JSON of XGBoost 1.7, from checked values only.
    ///
    /// Swift writes the shortest decimal that reads back as the same single-precision number.
    package var json: [UInt8] {
        var text = #"{"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":"#
        text += #"{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"\#(trees.count)","#
        text += #""size_leaf_vector":"0"},"tree_info":\#(list(trees) { _ in "0" }),"trees":["#
        for (index, tree) in trees.enumerated() {
            text += (index == 0 ? "" : ",") + json(of: tree, index: index)
        }
        text += #"]},"name":"gbtree"},"learner_model_param":{"base_score":"\#(baseScore)","#
        text += #""boost_from_average":"1","num_class":"0","num_feature":"\#(featureCount)","#
        text += #""num_target":"1"},"objective":{"name":"binary:logistic","#
        text += #""reg_loss_param":{"scale_pos_weight":"1"}}},"version":[1,7,4]}"#
        return Array(text.utf8)
    }

    private func json(of tree: BoosterTree, index: Int) -> String {
        let nodes = tree.nodes
        return """
            {"base_weights":\(list(nodes) { "\($0.baseWeight)" }),"categories":[],"categories_nodes":[],\
            "categories_segments":[],"categories_sizes":[],\
            "default_left":\(list(nodes) { $0.missingGoesLeft ? "1" : "0" }),"id":\(index),\
            "left_children":\(list(nodes) { "\($0.left)" }),"loss_changes":\(list(nodes) { "\($0.lossChange)" }),\
            "parents":\(list(nodes) { "\($0.parent)" }),"right_children":\(list(nodes) { "\($0.right)" }),\
            "split_conditions":\(list(nodes) { "\($0.threshold)" }),\
            "split_indices":\(list(nodes) { "\($0.feature)" }),"split_type":\(list(nodes) { _ in "0" }),\
            "sum_hessian":\(list(nodes) { "\($0.sumHessian)" }),\
            "tree_param":{"num_deleted":"\(tree.deletedCount)","num_feature":"\(featureCount)",\
            "num_nodes":"\(nodes.count)","size_leaf_vector":"0"}}
            """
    }

    private func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
        "[" + elements.map(text).joined(separator: ",") + "]"
    }
}
